"""All tables of the house, imported in one place (for migrations, and for tests that make a schema)."""

import competitions.accounts.models
import competitions.audit.models
import competitions.coding.models
import competitions.judging.card_models
import competitions.judging.models
import competitions.organisations.models
import competitions.programme.models
import competitions.registration.models
import competitions.results.models
from competitions.extensions import Base

METADATA = Base.metadata
ALL = sorted(METADATA.tables)
__all__ = ["ALL", "METADATA", "competitions"]
