"""The WSGI entry: `flask --app wsgi …`, waitress or granian serve `wsgi:app`."""

from competitions.serving import application

app = application()
