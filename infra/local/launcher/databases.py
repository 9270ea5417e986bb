"""A database, an owner and a runtime role for each service."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from launcher.processes import SERVICES


def create_databases(administrator_dsn: str, secrets: Mapping[str, str]) -> None:
    """Creates what is missing and renews passwords; safe to repeat. The owner migrates, the runtime role may
    only read and write rows, nobody else may connect."""
    with psycopg.connect(administrator_dsn, autocommit=True) as session:
        for service in SERVICES:
            create_role(session, f"{service}_owner", secrets[f"{service}_database_owner_password"])
            create_role(session, service, secrets[f"{service}_database_password"])
            create_database(session, service)
    for service in SERVICES:
        grant(administrator_dsn, service)


def create_role(session: psycopg.Connection, role: str, password: str) -> None:
    known = session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    session.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, sql.Identifier(role), sql.Literal(password))
    )


def create_database(session: psycopg.Connection, service: str) -> None:
    name, owner = f"mtnet_{service}", f"{service}_owner"
    if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        session.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
        )
    session.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    session.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            sql.Identifier(name), sql.Identifier(service)
        )
    )


def grant(administrator_dsn: str, service: str) -> None:
    owner, runtime = sql.Identifier(f"{service}_owner"), sql.Identifier(service)
    statements = (
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(runtime),
        sql.SQL(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}"
        ).format(owner, runtime),
        sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT USAGE, SELECT ON SEQUENCES TO {}").format(
            owner, runtime
        ),
    )
    with psycopg.connect(administrator_dsn, dbname=f"mtnet_{service}", autocommit=True) as session:
        for statement in statements:
            session.execute(statement)
