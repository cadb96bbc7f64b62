"""Settings from the environment, read once into one frozen object. Knows no Flask and no database."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations.

    `database_url` is a SQLAlchemy address; sizes are bytes; `proxy_hops` is how many proxies may be believed;
    `jobs`: a worker is started beside the server; `limits_statements`: PostgreSQL breaks off what takes long.
    `profile`: how strictly people sign in (PROFILES).
    """

    instance_path: Path
    database_url: str
    secret_key: str
    keyring_file: Path
    audit_key_file: Path
    host: str = "127.0.0.1"
    port: int = 8000
    https: bool = False
    trusted_hosts: tuple[str, ...] = ()
    proxy_hops: int = 0
    testing: bool = False
    files_folder: Path | None = None
    backup_folder: Path | None = None
    backup_recipient: str = ""
    backup_pass_file: Path | None = None
    jobs: bool = True
    limits_statements: bool = True
    profile: str = "open"

    @property
    def files_path(self) -> Path:
        """Where kept files lie; several machines may share it."""
        return self.files_folder or self.instance_path / "files"

    @property
    def backup_path(self) -> Path:
        """Where archives are made that get no other place; best a disk of its own."""
        return self.backup_folder or self.instance_path / "backups"

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


PROFILES = ("open", "standard", "dengbao3")
"""Who needs a second factor: nobody unless the administrator says so (the demonstration, tests); those whom the setting
names; everybody whose role may need one (等保三级).
"""
SHORTEST_SECRET = 32
"""Characters of a SECRET_KEY that somebody sets himself."""
OF_OTHERS = 0o027
"""What nobody but the owner may do with a key file; its group may read it (systemd and container secrets are such)."""


def refusal(settings: Settings) -> str | None:
    """Why an installation with these settings must not start, as a sentence; None when nothing speaks against it."""
    if len(settings.secret_key) < SHORTEST_SECRET:
        return (
            f"SECRET_KEY 太短（{len(settings.secret_key)} 个字符），别人可以猜出并伪造登录。请换成至少 {SHORTEST_SECRET} 个字符的随机串，"
            "或不设置它，由系统自动生成。"
        )
    if settings.profile not in PROFILES:
        return f"PROFILE={settings.profile} 不认识。可以设为 {'、'.join(PROFILES)}，或不设置（standard）。"
    keys = (settings.instance_path / "secret.key", settings.keyring_file, settings.audit_key_file)
    opened = [str(path) for path in keys if path.exists() and path.stat().st_mode & OF_OTHERS]
    return f"密钥文件可以被其他用户读取：{'、'.join(opened)}。请先运行 chmod 600，再启动。" if opened else None


def keep_private(settings: Settings) -> None:
    """What this process makes is its owner's alone, and so is what already lies in the instance folder's top (database,
    its log, anchors, server log).
    """
    os.umask(0o077)
    settings.instance_path.chmod(0o700)
    for path in settings.instance_path.iterdir():
        if path.is_file() and path.stat().st_mode & 0o077 and path.stat().st_uid == os.getuid():
            path.chmod(0o600)


LOOPBACK = ("127.0.0.1", "::1", "localhost")


def cautions(settings: Settings) -> list[str]:
    """What the operator should know before the real installation is reached by others; plain sentences."""
    reachable = settings.https or settings.host not in LOOPBACK
    if not reachable or settings.trusted_hosts:
        return []
    return [
        "注意：没有设置 TRUSTED_HOSTS，任何主机名的请求都会被接受，页面和二维码里的网址可能被伪造。"
        "请设为本系统的域名，例如 TRUSTED_HOSTS=jingsai.example.org（多个用逗号分开）。"
    ]


def secret_file(path: Path, size: int = 32) -> str:
    """The hex secret kept in `path`; made (mode 0600) on first use, race-safe between processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(secrets.token_hex(size))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def database_address(address: str) -> str:
    """The address with the driver that the house uses (psycopg 3 for PostgreSQL)."""
    for prefix in ("postgres://", "postgresql://"):
        if address.startswith(prefix):
            return "postgresql+psycopg://" + address[len(prefix) :]
    return address


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings (contracts.md, "Configuration"). Makes the secret files that are missing."""
    env = os.environ if environ is None else environ
    instance = Path(env.get("INSTANCE_PATH") or ROOT / "instance").resolve()
    instance.mkdir(parents=True, exist_ok=True)
    return Settings(
        instance_path=instance,
        database_url=database_address(env.get("DATABASE_URL") or f"sqlite:///{instance / 'competitions.sqlite'}"),
        secret_key=env.get("SECRET_KEY") or secret_file(instance / "secret.key"),
        keyring_file=Path(env.get("KEYRING_FILE") or instance / "keyring.json"),
        audit_key_file=Path(env.get("AUDIT_KEY_FILE") or instance / "audit.key"),
        host=env.get("HOST", "127.0.0.1"),
        port=int(env.get("PORT", "8000")),
        https=env.get("HTTPS", "") in ("1", "true", "yes"),
        trusted_hosts=tuple(name.strip() for name in env.get("TRUSTED_HOSTS", "").split(",") if name.strip()),
        proxy_hops=int(env.get("PROXY_HOPS", "0")),
        files_folder=Path(env["FILES_PATH"]) if env.get("FILES_PATH") else None,
        backup_folder=Path(env["BACKUP_PATH"]) if env.get("BACKUP_PATH") else None,
        backup_recipient=env.get("BACKUP_RECIPIENT", "").strip(),
        backup_pass_file=Path(env["BACKUP_PASSPHRASE_FILE"]) if env.get("BACKUP_PASSPHRASE_FILE") else None,
        jobs=env.get("JOBS", "1").strip() not in ("0", "false", "no"),
        profile=env.get("PROFILE", "").strip() or "standard",
    )
