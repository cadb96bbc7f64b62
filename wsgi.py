"""The WSGI entry: `flask --app wsgi …`, waitress or granian serve `wsgi:app`."""

from competitions.app import create_app

app = create_app()
