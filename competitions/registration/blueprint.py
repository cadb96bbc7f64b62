"""The one blueprint that all pages of registration share. Knows no view."""

from flask import Blueprint

bp = Blueprint("registration", __name__)
