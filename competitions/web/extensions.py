"""The extensions of the web side: who is signed in (Flask-Login), forged requests (Flask-WTF). Knows no feature."""

from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

login_manager = LoginManager()
csrf = CSRFProtect()
