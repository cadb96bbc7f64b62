"""The sentences of archives on pages, by code. Knows no logic."""

SENTENCES: dict[str, str] = {
    "state.backup_not_made": "备份没有做成：{why}",
    "state.backup_not_sound": "核对没有通过：{why}",
}
