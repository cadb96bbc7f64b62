"""A small union tree with its people, for the tests of organisations and accounts."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from competitions.accounts.models import User
from competitions.base.database import db
from competitions.organisations.models import Area, Union
from tests.factories import make_union, make_user
from tests.people import Client


@dataclass
class Region:
    """A region with two cities, an enterprise below each, and a person for each place."""

    root: Union
    nanning: Union
    liuzhou: Union
    nanning_works: Union
    liuzhou_works: Union
    administrator: User
    reviewer: User
    other_reviewer: User
    reporter: User


def make_areas() -> None:
    """The three areas of the small tree."""
    db.session.add(Area(code="450000", name="广西壮族自治区"))
    db.session.flush()
    db.session.add_all(
        [
            Area(code="450100", name="南宁市", parent_code="450000"),
            Area(code="450200", name="柳州市", parent_code="450000"),
        ]
    )
    db.session.flush()


def make_region() -> Region:
    """The tree and its people, committed."""
    make_areas()
    root = make_union(name="广西壮族自治区总工会", area_code="450000")
    nanning = make_union(root, name="南宁市总工会", kind="federation", area_code="450100", delegation=True)
    liuzhou = make_union(root, name="柳州市总工会", kind="federation", area_code="450200", delegation=True)
    first = make_union(nanning, name="邕江机械厂工会委员会")
    second = make_union(liuzhou, name="柳江机械厂工会委员会")
    region = Region(
        root,
        nanning,
        liuzhou,
        first,
        second,
        make_user(("administrator", "system", None), username="root", display_name="管理员"),
        make_user(("reviewer", "union", nanning.id), username="nanning", union=nanning),
        make_user(("reviewer", "union", liuzhou.id), username="liuzhou", union=liuzhou),
        make_user(("reporter", "union", first.id), username="clerk", union=first),
    )
    db.session.commit()
    return region


def signed_in(app: Flask, user: User) -> Client:
    """A client in which this user has signed in."""
    client = Client(app)
    assert client.sign_in(user.username).status_code == 303
    return client


def anew() -> Session:
    """The test's session without the snapshot it holds: it sees what requests have committed meanwhile."""
    db.session.rollback()
    return db.session()
