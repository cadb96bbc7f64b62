"""The blueprint that all pages of the feature share."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
