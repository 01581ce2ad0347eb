"""The second wall, in PostgreSQL: row-level security on what the store keeps (PostgreSQL, "Row Security Policies").

The first wall is the predicate in every statement. Should one be without, the server itself still shows and changes
only rows of whoever the transaction is for. That is told by settings which end with the transaction.
"""

from __future__ import annotations

from typing import Final

import msgspec

from portico.bff.access import Access
from portico.bff.errors import SettingsError
from portico.sql import Database

_SYSTEM: Final = "current_setting('portico.system', true) = 'on'"
_SUB: Final = "nullif(current_setting('portico.sub', true), '')"
_REACHED: Final = f"""(
          {_SYSTEM} OR reach = 'everyone' OR (reach = 'owner' AND owner = {_SUB})
          OR (reach = 'tenant' AND tenant = nullif(current_setting('portico.tenant', true), ''))
          OR (reach NOT IN ('owner', 'tenant')
            AND nullif(current_setting('portico.claims', true), '')::jsonb -> reach @> to_jsonb(claim_value)))"""
_STAMPED: Final = f"({_SYSTEM} OR last_modified_by = {_SUB})"
_SOMEBODY: Final = f"({_SYSTEM} OR {_SUB} IS NOT NULL)"

SECOND_WALL: Final = f"""
        ALTER TABLE entities ALTER COLUMN pk TYPE TEXT COLLATE "C", ALTER COLUMN sk TYPE TEXT COLLATE "C",
          ALTER COLUMN stamp TYPE TEXT COLLATE "C", ALTER COLUMN reach SET NOT NULL;
        ALTER TABLE entities ENABLE ROW LEVEL SECURITY;
        ALTER TABLE entities FORCE ROW LEVEL SECURITY;
        CREATE POLICY entities_are_seen ON entities FOR SELECT USING {_REACHED};
        CREATE POLICY entities_are_added ON entities FOR INSERT WITH CHECK ({_REACHED} AND {_STAMPED});
        CREATE POLICY entities_are_changed ON entities FOR UPDATE
          USING ({_REACHED} AND {_SOMEBODY}) WITH CHECK ({_REACHED} AND {_STAMPED});
        CREATE POLICY entities_are_removed ON entities FOR DELETE USING ({_SYSTEM});
        ALTER TABLE search_documents ENABLE ROW LEVEL SECURITY;
        ALTER TABLE search_documents FORCE ROW LEVEL SECURITY;
        CREATE POLICY search_documents_are_seen ON search_documents FOR SELECT USING {_REACHED};
        CREATE POLICY search_documents_are_added ON search_documents FOR INSERT WITH CHECK ({_REACHED} AND {_SOMEBODY});
        CREATE POLICY search_documents_are_changed ON search_documents FOR UPDATE
          USING ({_REACHED} AND {_SOMEBODY}) WITH CHECK ({_REACHED} AND {_SOMEBODY});
        CREATE POLICY search_documents_are_removed ON search_documents FOR DELETE USING ({_REACHED} AND {_SOMEBODY});
        ALTER TABLE search_closed ENABLE ROW LEVEL SECURITY;
        ALTER TABLE search_closed FORCE ROW LEVEL SECURITY;
"""
"""PostgreSQL's own step. ``FORCE`` binds the tables' owner as well, which is the role that the service connects as.

``search_closed`` has no policy of its own: asked for by its name, it shows nothing to anybody.
"""

_ROLE: Final = "SELECT rolsuper OR rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user"
_STANDING: Final = """
    SELECT count(*) FROM pg_class WHERE oid IN (to_regclass('entities'), to_regclass('search_documents'))
      AND relrowsecurity AND relforcerowsecurity
"""


def settings_of(access: Access) -> dict[str, str]:
    """What the server is told of an authority; without any of it, nothing but everyone's rows is to be seen."""
    if access.is_system:
        return {"portico.system": "on"}
    told = {"portico.sub": access.sub, "portico.tenant": access.tenant}
    settings = {name: value for name, value in told.items() if value}
    if access.held:
        claims = {f"claim:{name}": sorted(values) for name, values in access.held.items()}
        settings["portico.claims"] = msgspec.json.encode(claims).decode()
    return settings or {"portico.sub": ""}


async def require_bound_role(database: Database) -> None:
    """Raise ``SettingsError`` where the server would not hold this role to any policy."""
    ((free, role),) = await database.read(_ROLE)
    if free:
        raise SettingsError(
            f"DATABASE_URL connects as {role!r}, whom row-level security does not bind: connect as a role of the"
            " service's own, made by CREATE ROLE ... LOGIN NOSUPERUSER NOBYPASSRLS, that owns the service's database"
        )


async def require_second_wall(database: Database) -> None:
    """Raise ``SettingsError`` where the store's own tables have lost their policies."""
    if await database.read(_STANDING) != [(2,)]:
        raise SettingsError(
            "row-level security was switched off in the service's database: switch it on again by ALTER TABLE entities"
            " ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, and the same for search_documents"
        )
