"""Tables emptied between tests are as after TRUNCATE … CASCADE, and the rest is as it was."""

from mtnet_chassis.testing.emptying import emptying

TABLES = """
CREATE TABLE ship (id int PRIMARY KEY, flagship int REFERENCES ship);
CREATE TABLE voyage (id int PRIMARY KEY, ship int REFERENCES ship);
CREATE TABLE call (voyage int REFERENCES voyage);
CREATE TABLE port (id int);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'final'; END $$;
CREATE TRIGGER final BEFORE DELETE ON voyage FOR EACH ROW EXECUTE FUNCTION refuse();
INSERT INTO ship VALUES (1, 1); INSERT INTO voyage VALUES (1, 1);
INSERT INTO call VALUES (1); INSERT INTO port VALUES (1);
"""


def test_what_refers_to_a_table_is_emptied_with_it_and_nothing_else(tx):
    tx.execute(TABLES)
    tx.execute(emptying("ship"), ())
    left = {
        name: tx.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for name in ("ship", "voyage", "call", "port")
    }
    assert left == {"ship": 0, "voyage": 0, "call": 0, "port": 1}


def test_rules_hold_again_afterwards(tx):
    tx.execute(TABLES)
    tx.execute(emptying("port"))
    assert tx.execute("SHOW session_replication_role").fetchone() == ("origin",)
    assert tx.execute("SELECT count(*) FROM voyage").fetchone() == (1,)
