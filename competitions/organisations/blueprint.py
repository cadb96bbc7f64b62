"""The blueprint that all pages of the feature share."""

from flask import Blueprint

bp = Blueprint("organisations", __name__)
