"""The one blueprint that all pages and the API of judging share. Knows no view."""

from flask import Blueprint

bp = Blueprint("judging", __name__)
