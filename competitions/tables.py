"""All tables of the house, imported in one place (for migrations, and for tests that make a schema)."""

import competitions.accounts.models
import competitions.accounts.pairs.models
import competitions.audit.models
import competitions.base.installation
import competitions.base.kept_files
import competitions.base.settings
import competitions.coding.models
import competitions.jobs.models
import competitions.judging.cards.models
import competitions.judging.models
import competitions.judging.panels.models
import competitions.judging.sheets.models
import competitions.judging.signing.models
import competitions.judging.timing.models
import competitions.organisations.models
import competitions.programme.models
import competitions.registration.corrections.models
import competitions.registration.models
import competitions.results.models
import competitions.uploads.models
from competitions.base.database import Base

METADATA = Base.metadata
ALL = sorted(METADATA.tables)
__all__ = ["ALL", "METADATA", "competitions"]
