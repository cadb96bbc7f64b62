"""What a browser says of itself, in words that people know. Knows no sign-in."""

_PROGRAMS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge 浏览器"),
    ("Firefox", "Firefox 浏览器"),
    ("OPR", "Opera 浏览器"),
    ("Chrome", "Chrome 浏览器"),
    ("Safari", "Safari 浏览器"),
)
_DEVICES = (
    ("Windows", "Windows 电脑"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("HarmonyOS", "鸿蒙设备"),
    ("Android", "安卓设备"),
    ("Mac OS", "Mac 电脑"),
    ("Linux", "Linux 电脑"),
)


def agent_words(agent: str) -> str:
    """ "Windows 电脑，Edge 浏览器"; the first known name counts, since browsers name each other too."""
    found = [next((word for mark, word in known if mark in agent), "") for known in (_DEVICES, _PROGRAMS)]
    return "，".join(word for word in found if word) or "未知设备"
