"""The features of the house, each by its doors: pages, commands, links of the navigation, sentences, words of records, settings.

The order is that of the imports (design.md §3), the lowest first. Knows them by these doors only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask

import competitions.accounts.action_words
import competitions.accounts.cli
import competitions.accounts.done
import competitions.accounts.sentences
import competitions.accounts.settings
import competitions.accounts.views
import competitions.audit.cli
import competitions.audit.views
import competitions.backup.action_words
import competitions.backup.cli
import competitions.backup.sentences
import competitions.backup.views
import competitions.coding.action_words
import competitions.coding.done
import competitions.coding.sentences
import competitions.coding.views
import competitions.commands
import competitions.demo.action_words
import competitions.demo.cli
import competitions.home.views
import competitions.jobs.action_words
import competitions.jobs.done
import competitions.jobs.sentences
import competitions.jobs.settings
import competitions.jobs.views
import competitions.judging.action_words
import competitions.judging.cli
import competitions.judging.done
import competitions.judging.sentences
import competitions.judging.settings
import competitions.judging.views
import competitions.organisations.action_words
import competitions.organisations.cli
import competitions.organisations.done
import competitions.organisations.sentences
import competitions.organisations.views
import competitions.programme.action_words
import competitions.programme.cli
import competitions.programme.done
import competitions.programme.sentences
import competitions.programme.views
import competitions.registration.action_words
import competitions.registration.cli
import competitions.registration.done
import competitions.registration.sentences
import competitions.registration.settings
import competitions.registration.views
import competitions.results.action_words
import competitions.results.cli
import competitions.results.done
import competitions.results.sentences
import competitions.results.views
import competitions.tabular.sentences
from competitions.audit import action_words
from competitions.audit.action_words import Vocabulary
from competitions.base import roles, settings
from competitions.base.settings import NumberSetting
from competitions.web import done, navigation
from competitions.web.done import Done
from competitions.web.navigation import Link
from competitions.words import codes, sentences


@dataclass(frozen=True, slots=True)
class Feature:
    """What a feature gives to the application; what it does not have is left out."""

    name: str
    blueprints: Sequence[Blueprint] = ()
    links: Sequence[Link] = ()
    commands: Callable[[Flask], None] | None = None
    sentences: Mapping[str, str] | None = None
    vocabulary: Vocabulary | None = None
    settings: Sequence[NumberSetting] = ()
    done: Mapping[str, Done] | None = None


FEATURES = (
    Feature("tabular", sentences=competitions.tabular.sentences.SENTENCES),
    Feature(
        "audit",
        competitions.audit.views.blueprints,
        competitions.audit.views.LINKS,
        competitions.audit.cli.register,
    ),
    Feature(
        "jobs",
        competitions.jobs.views.blueprints,
        competitions.jobs.views.LINKS,
        sentences=competitions.jobs.sentences.SENTENCES,
        vocabulary=competitions.jobs.action_words.VOCABULARY,
        done=competitions.jobs.done.DONE,
        settings=competitions.jobs.settings.SETTINGS,
    ),
    Feature(
        "organisations",
        competitions.organisations.views.blueprints,
        competitions.organisations.views.LINKS,
        commands=competitions.organisations.cli.register,
        sentences=competitions.organisations.sentences.SENTENCES,
        vocabulary=competitions.organisations.action_words.VOCABULARY,
        done=competitions.organisations.done.DONE,
    ),
    Feature(
        "accounts",
        competitions.accounts.views.blueprints,
        competitions.accounts.views.LINKS,
        commands=competitions.accounts.cli.register,
        sentences=competitions.accounts.sentences.SENTENCES,
        vocabulary=competitions.accounts.action_words.VOCABULARY,
        done=competitions.accounts.done.DONE,
        settings=competitions.accounts.settings.SETTINGS,
    ),
    Feature(
        "programme",
        competitions.programme.views.blueprints,
        competitions.programme.views.LINKS,
        commands=competitions.programme.cli.register,
        sentences=competitions.programme.sentences.SENTENCES,
        vocabulary=competitions.programme.action_words.VOCABULARY,
        done=competitions.programme.done.DONE,
    ),
    Feature(
        "registration",
        competitions.registration.views.blueprints,
        competitions.registration.views.LINKS,
        commands=competitions.registration.cli.register,
        sentences=competitions.registration.sentences.SENTENCES,
        vocabulary=competitions.registration.action_words.VOCABULARY,
        done=competitions.registration.done.DONE,
        settings=competitions.registration.settings.SETTINGS,
    ),
    Feature(
        "coding",
        competitions.coding.views.blueprints,
        competitions.coding.views.LINKS,
        sentences=competitions.coding.sentences.SENTENCES,
        vocabulary=competitions.coding.action_words.VOCABULARY,
        done=competitions.coding.done.DONE,
    ),
    Feature(
        "judging",
        competitions.judging.views.blueprints,
        competitions.judging.views.LINKS,
        commands=competitions.judging.cli.register,
        sentences=competitions.judging.sentences.SENTENCES,
        vocabulary=competitions.judging.action_words.VOCABULARY,
        done=competitions.judging.done.DONE,
        settings=competitions.judging.settings.SETTINGS,
    ),
    Feature(
        "results",
        competitions.results.views.blueprints,
        competitions.results.views.LINKS,
        commands=competitions.results.cli.register,
        sentences=competitions.results.sentences.SENTENCES,
        vocabulary=competitions.results.action_words.VOCABULARY,
        done=competitions.results.done.DONE,
    ),
    Feature(
        "home",
        competitions.home.views.blueprints,
        competitions.home.views.LINKS,
    ),
    Feature(
        "demo",
        commands=competitions.demo.cli.register,
        vocabulary=competitions.demo.action_words.VOCABULARY,
    ),
    Feature(
        "backup",
        competitions.backup.views.blueprints,
        competitions.backup.views.LINKS,
        sentences=competitions.backup.sentences.SENTENCES,
        commands=competitions.backup.cli.register,
        vocabulary=competitions.backup.action_words.VOCABULARY,
    ),
)


def register(app: Flask) -> None:
    """Put every feature's pages and commands on the application, and what it says into the catalogues."""
    for feature in FEATURES:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
        navigation.register(feature.links)
        sentences.register(feature.sentences or {})
        action_words.register(feature.vocabulary or Vocabulary())
        settings.register(feature.settings)
        done.register(feature.done or {})
        if feature.commands:
            feature.commands(app)
    codes.register("role", roles.WORDS)
    competitions.commands.register(app)
