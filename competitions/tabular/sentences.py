"""The sentences of the problems that reading a table can find: where, why, what to do. Knows no logic.

A key is a problem's code, or code and reason (`file.unreadable.word`) where the advice differs.
"""

_CELL = "第 {row} 行“{label}”（{cell}）："
_SHEET = "工作表“{sheet}”："

SENTENCES: dict[str, str] = {
    "file.unreadable": "文件无法读取，可能已损坏。请用 WPS 或 Excel 打开，另存为 .xlsx 后重新上传。",
    "file.unreadable.empty": "文件是空的，没有任何内容。请确认选对了文件后重新上传。",
    "file.unreadable.word": "这是 Word 文档，不是表格。请把名单复制到 WPS 表格或 Excel 中，存为 .xlsx 后上传。",
    "file.unreadable.pdf": "这是 PDF 文件，不是表格。请上传盖章前的电子表格（.xlsx）。",
    "file.unreadable.picture": "这是图片，不是表格。请上传电子表格（.xlsx）。",
    "file.unreadable.archive": "这是压缩包。请先解压，再上传里面的电子表格（.xlsx）。",
    "file.unreadable.web": "文件名虽是表格，内容却是网页（HTML 或 XML）。请用 WPS 或 Excel 打开，另存为 .xlsx 后上传。",
    "file.unreadable.old": "文件格式过旧（Excel 5.0 以前）。请用 WPS 或 Excel 打开，另存为 .xlsx 后上传。",
    "file.unreadable.encoding": "文本文件的编码无法识别。请用 WPS 或 Excel 打开，另存为 .xlsx，或另存为 UTF-8 的 .csv 后上传。",
    "file.unreadable.structure": "文件的内部结构异常，为安全起见没有读取。请用 WPS 或 Excel 打开，另存为新的 .xlsx 后上传。",
    "file.unreadable.exhausted": "文件过于复杂，读取超出时间或内存限制。请只保留名单，复制到新的工作簿后另存为 .xlsx 再上传。",
    "file.encrypted": (
        "文件设有打开密码。请用 WPS 或 Excel 打开，在“文件—文档加密”（信息—保护工作簿）中去掉密码，保存后重新上传。"
    ),
    "file.too_large": "文件超过 {limit_mb} MB。请删去图片和无关的工作表，或拆成几个文件后上传。",
    "file.too_large.unpacked": "文件解压后超过 {limit_mb} MB。请删去图片和无关的工作表，或拆成几个文件后上传。",
    "file.too_many_rows": "表格超过 {limit} 行。请删去名单以外的内容（含表格下方的空格线），或拆成几个文件后上传。",
    "file.too_many_rows.columns": "表格超过 {limit} 列。请删去名单右侧无关的内容后重新上传。",
    "header.not_found": _SHEET
    + "前 {searched} 行中没有找到表头。请保留一行列名（如“姓名”“身份证号”），或手动指定表头所在行。",
    "header.not_found.blank": "文件中没有可读取的内容。请确认名单在未隐藏的工作表中，再重新上传。",
    "header.not_found.left_out": _SHEET + "没有找到表头，也没有像名单的内容，未读取。",
    "column.missing": _SHEET + "表头（第 {row} 行）中没有“{label}”列。请补上该列，或手动指定哪一列是“{label}”。",
    "sheet.hidden": _SHEET + "已隐藏，未读取。如需报名，请取消隐藏后重新上传。",
    "row.example": "第 {row} 行是填写示例，未读取。",
    "row.struck": "第 {row} 行被划了删除线，请确认此人是否仍参赛。",
    "required.missing": _CELL + "没有填写。请补填后重新上传。",
    "id_number.truncated": _CELL + "被 Excel 存成了数字，末三位已丢失。请把该列设为“文本”后重新填写。",
    "id_number.format": _CELL + "不是 18 位身份证号（现为 {length} 位）。请核对后重新填写。",
    "id_number.format.old": _CELL + "是 15 位旧身份证号。请填写现用的 18 位身份证号。",
    "id_number.checksum": _CELL + "校验码不符，可能有一位写错。请对照身份证逐位核对。",
    "id_number.birth_date": _CELL + "其中的出生日期 {date} 不存在或不合理。请对照身份证核对第 7 至 14 位。",
    "id_number.area": _CELL + "前六位 {area} 不在现行区划代码中（也可能是已撤销的区划）。请核对，无误可不改。",
    "name.format": _CELL + "“{value}”不像一个人的姓名。每格请只填一个姓名，不加数字和符号。",
    "name.remark": _CELL + "姓名旁的“{remark}”已作为备注保留，姓名为“{name}”。",
    "event.multiple": _CELL + "填了 {count} 个项目（{value}）。每行请只填一个项目，参加多项的请分行填写。",
    "phone.format": _CELL + "不是一个 11 位手机号。请只填一个手机号，不填座机。",
    "sex.mismatch": _CELL + "填的是“{value}”，与身份证号（{expected}）不符。请核对这两格。",
    "birth.mismatch": _CELL + "填的是“{value}”，与身份证号（{expected}）不符。请核对这两格。",
    "duplicate.in_file": _CELL + "与第 {first_row} 行（{first_sheet}）的身份证号相同。同一人请只保留一行。",
    "cell.formula": _CELL + "是公式，不是填写的内容。请复制后“选择性粘贴—数值”，再重新上传。",
    "cell.error": _CELL + "显示为错误值（如 #N/A）。请改为正确的内容后重新上传。",
    "cell.merged": _CELL + "这一格与其他格合并（{range}），分不清属于哪一行。请取消合并，每人一行分别填写。",
    "date.format": _CELL + "“{value}”不是可识别的日期。请填写成 1990-03-07 或 1990年3月 的样子。",
    "level.unknown": _CELL + "“{value}”不是职业技能等级，未读取。可填：初级工、中级工、高级工、技师、高级技师。",
    "text.mended": _CELL + "“{was}”是从 PDF 等处复制来的部首或兼容字符，已改为“{now}”。请核对，无误可不改。",
    "text.private": _CELL + "“{value}”中第 {positions} 个字（编码 {codes}）是自造字，换一台电脑就显示不出来。"
    "请改用输入法重新输入这个字（可试手写、笔画或生僻字输入）。",
    "text.too_long": _CELL + "内容过长（{length} 字），不能超过 {limit} 字。请精简后重新填写。",
    "number.format": _CELL + "“{value}”不是数字。请只填数字，如 8.5。",
    "choice.unknown": _CELL + "“{value}”不在可填内容中。可填：{choices}。",
    "uscc.format": _CELL + "“{value}”不是有效的统一社会信用代码。请对照证照核对 18 位代码。",
}
