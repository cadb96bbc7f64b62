"""Scopes over the union tree: what lies below, from the row's side and from the tree's, and nothing asked of the whole."""

from flask import Flask
from sqlalchemy import select

from competitions.base.database import db
from competitions.organisations.models import Employer, Union
from competitions.organisations.subtree import UnionScope, ids_inside, inside, scope_of_unions
from tests.factories import make_union
from tests.factories_organisations import Region, make_region


def named(scope: UnionScope) -> set[str]:
    return set(db.session.scalars(select(Union.name).where(scope.unions())))


def employed(condition: object) -> set[str]:
    return set(db.session.scalars(select(Employer.name).where(condition)))


def make_employers(region: Region) -> None:
    for name, union in (("邕江厂", region.nanning_works), ("柳江厂", region.liuzhou_works), ("无会厂", None)):
        db.session.add(Employer(name=name, union_id=union.id if union else None))
    db.session.commit()


def test_a_scope_is_its_unions_and_all_that_is_below_them(app: Flask) -> None:
    region = make_region()
    make_employers(region)
    scope = scope_of_unions(db.session(), [region.nanning.id])
    assert named(scope) == {region.nanning.name, region.nanning_works.name}
    assert scope.covers(region.nanning_works) and not scope.covers(region.liuzhou)
    assert employed(scope.holds(Employer.union_id)) == employed(scope.has(Employer.union_id)) == {"邕江厂"}
    assert set(db.session.scalars(ids_inside(region.nanning.path))) == {region.nanning.id, region.nanning_works.id}


def test_a_union_whose_path_begins_alike_is_not_below(app: Flask) -> None:
    root = make_union(name="总会")
    short, longer = make_union(root, name="甲会", id="ab"), make_union(root, name="乙会", id="abc")
    db.session.commit()
    assert list(db.session.scalars(select(Union.name).where(inside(short.path)))) == ["甲会"]
    assert list(db.session.scalars(select(Union.name).where(inside(longer.path)))) == ["乙会"]


def test_a_union_below_another_of_the_scope_adds_nothing(app: Flask) -> None:
    region = make_region()
    scope = scope_of_unions(db.session(), [region.nanning_works.id, region.nanning.id, region.liuzhou_works.id])
    assert scope.paths == tuple(sorted([region.nanning.path, region.liuzhou_works.path])) and not scope.whole


def test_the_root_of_the_only_tree_is_everything_and_asks_nothing(app: Flask) -> None:
    region = make_region()
    make_employers(region)
    scope = scope_of_unions(db.session(), [region.root.id, region.nanning.id])
    assert scope.whole and str(scope.unions()) == "true"
    assert employed(scope.has(Employer.union_id)) == employed(scope.holds(Employer.union_id)) == {"邕江厂", "柳江厂"}
    make_union(name="另一棵树的总会")
    db.session.commit()
    other = scope_of_unions(db.session(), [region.root.id])
    assert not other.whole and "另一棵树的总会" not in named(other)


def test_without_unions_there_is_nothing_in_scope(app: Flask) -> None:
    make_employers(make_region())
    scope = scope_of_unions(db.session(), [])
    assert named(scope) == employed(scope.has(Employer.union_id)) == employed(scope.holds(Employer.union_id)) == set()
