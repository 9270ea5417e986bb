# The commands of the project; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
NO_PYTHON = There is no $(PYTHON) on this machine. On Debian and Ubuntu: sudo apt-get install python3 python3-venv
BOOTSTRAP = command -v '$(PYTHON)' >/dev/null || { echo '$(NO_PYTHON)' >&2; exit 1; }; '$(PYTHON)' infra/local/bootstrap.py
NOTHING_HERE = Nothing is installed in this folder yet. Start with: make run
LAUNCHER = [ -x .venv/bin/python ] || { echo '$(NOTHING_HERE)' >&2; exit 1; }; .venv/bin/python -m launcher
T ?=
ONLY ?=
P ?=

export PORTAL_PORT INBOX_PORT RABBITMQ_PORT

.PHONY: help run stop ps restart logs test check coverage docs bench chaos compose-test compose-up stuck lifecycle reactivate close-account retention rotate-keys privacy-notice audit reviewer desk-person second-factor subscriber format words

help:  ## this list
	@echo "MTNet portal"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run:  ## start the whole portal on this machine (PORTAL_PORT=, INBOX_PORT=, RABBITMQ_PORT=)
	@$(BOOTSTRAP) run

stop:  ## stop it from another terminal
	@$(LAUNCHER) stop

ps:  ## its processes with memory and processor use
	@$(LAUNCHER) ps

restart:  ## stop one process and start it again: P=review
	@$(LAUNCHER) restart $(P)

logs:  ## follow the logs, or one of them: P=accounts
	@$(LAUNCHER) logs $(P)

stuck:  ## events that go no further by themselves; DO='retry accounts.decisions ID --who NAME --reason "…"'
	@$(LAUNCHER) exec operator -- mtnet stuck $(or $(DO),list)

lifecycle:  ## freeze, remind and disable accounts as of a day: AS_OF=2026-11-23 [PREVIEW=1]
	@$(LAUNCHER) exec accounts -- python -m accounts.lifecycle.cli $(if $(AS_OF),--as-of $(AS_OF)) $(if $(PREVIEW),--preview)

reactivate:  ## make an account active again: NAME=QWERTYUI WHO=operator1 REASON="…"; a disabled one: SECOND=operator2 EVIDENCE="…" too
	@$(LAUNCHER) exec accounts -- python -m accounts.reactivation.cli "$(NAME)" --who "$(WHO)" --reason "$(REASON)" $(if $(SECOND),--second "$(SECOND)") $(if $(EVIDENCE),--evidence "$(EVIDENCE)")

close-account:  ## close an account for good: NAME=QWERTYUI CONFIRM=QWERTYUI WHO=operator1 REASON="who asked for it, by which paper"
	@$(LAUNCHER) exec accounts -- python -m accounts.lifecycle.cli --close "$(NAME)" --confirm "$(CONFIRM)" --who "$(WHO)" --reason "$(REASON)"

retention:  ## how long personal data is kept, and what is due for removal: [APPLY=1]
	@$(LAUNCHER) exec operator -- mtnet retention $(if $(APPLY),apply,show)

rotate-keys:  ## encrypt what is stored under a new key, while the portal runs: WHO=operator1 REASON="…"; without: status
	@$(LAUNCHER) exec accounts -- python -m accounts.key_rotation.cli $(if $(WHO),rotate --who "$(WHO)" --reason "$(REASON)",status)

privacy-notice:  ## a new version of the privacy notice: VERSION=2026-12 FROM=2026-12-01 ZH=file EN=file WHO=operator1 REASON="…"; without: all versions
	@$(LAUNCHER) exec accounts -- python -m accounts.consents.cli $(if $(VERSION),publish "$(VERSION)" --from "$(FROM)" --zh "$(abspath $(ZH))" --en "$(abspath $(EN))" --who "$(WHO)" --reason "$(REASON)",show)

audit:  ## verify the audit log since the last time, or all of it: [FULL=1]
	@$(LAUNCHER) exec accounts -- python -m accounts.audit.cli $(if $(FULL),--full)

second-factor:  ## somebody lost telephone and recovery codes: NAME=QWERTYUI WHO=operator1 REASON="how the owner was recognised"
	@$(LAUNCHER) exec accounts -- python -m accounts.second_factors.cli reset "$(NAME)" --who "$(WHO)" --reason "$(REASON)"

reviewer:  ## make an approved bureau account a reviewer: NAME=QWERTYUI UNIT=north WHO=operator1 REASON="…" (no UNIT: no more)
	@$(LAUNCHER) exec accounts -- python -m accounts.registry.cli reviewer "$(NAME)" $(if $(UNIT),--unit "$(UNIT)",--none) --who "$(WHO)" --reason "$(REASON)"

desk-person:  ## give an approved bureau account a role at the helpdesk: NAME=QWERTYUI ROLE=agent|lead|administrator WHO=operator1 REASON="…" (no ROLE: none any more)
	@$(LAUNCHER) exec accounts -- python -m accounts.registry.cli desk "$(NAME)" $(if $(ROLE),--role "$(ROLE)",--none) --who "$(WHO)" --reason "$(REASON)"

subscriber:  ## downstream systems: DO='add vessels --title … --owner … --email … --events accounts.AccountActivated --until 2027-06-30 --who operator1 --reason "…"'; without: all of them
	@$(LAUNCHER) exec operator -- python -m accounts.subscribers.cli $(or $(DO),show)

test:  ## all tests but the benchmarks, with servers of their own; one: T=tests/journeys
	@$(BOOTSTRAP) test $(if $(T),-- $(T))

check:  ## format, lint, types, import rules, fast tests; no servers
	@$(BOOTSTRAP) prepare check
	@.venv/bin/python infra/check.py

coverage:  ## how much of rules, actions and chassis the tests reach, branches too; 90 % each at least
	@$(BOOTSTRAP) prepare coverage
	@rm -rf .local/coverage && mkdir -p .local/coverage
	@$(LAUNCHER) test -- -q -n 3 --dist=loadscope --no-loadscope-reorder --cov --cov-report= $(or $(T),libs services)
	@.venv/bin/coverage combine --append >/dev/null || true  # of processes that ended after pytest had combined the rest
	@failed=0; for part in 'services/**/rules.py' 'services/**/actions.py' 'libs/chassis/mtnet_chassis/**/*.py'; do \
		echo; echo "$$part"; \
		.venv/bin/coverage report --include="$$part" --skip-covered --sort=cover --fail-under=90 || failed=1; \
	done; exit $$failed

format:  ## let ruff format the code and repair what it can
	@$(BOOTSTRAP) prepare format
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

words:  ## bring the translations (.po) up to what code and templates say, and compile them
	@$(BOOTSTRAP) prepare words
	@.venv/bin/python infra/words.py

docs:  ## write the pages of events, channels and retention from the code
	@$(BOOTSTRAP) prepare docs
	@.venv/bin/python -m mtnet_contracts.catalogue docs
	@.venv/bin/python -m notify.channels.cli docs/channels.md
	@.venv/bin/mtnet retention page > docs/retention.md

bench:  ## measure events end to end beside other frameworks; ONLY=portal: pages and mails, ONLY=mails, ONLY=notify: many messages, ONLY=lifecycle, ONLY=helpdesk: a million tickets, and quick answers, ONLY=inbound: a full mailbox, ONLY=accounts: logins, ONLY=streams: with and without streams, ONLY=pieces: what is made by hand
	@$(BOOTSTRAP) prepare bench
	@.venv/bin/python -W ignore::DeprecationWarning -m tests.bench $(if $(ONLY),--only $(ONLY))

chaos:  ## the long proof: crashes at every point of the event path
	@$(BOOTSTRAP) prepare chaos
	@$(LAUNCHER) test -- tests/chaos --long

compose-up:  ## start the portal in containers (docker compose)
	@$(BOOTSTRAP) compose-env
	@infra/docker/compose up --build --detach

compose-test:  ## build the images, start the containers, ask for health; skipped without an engine
	@$(BOOTSTRAP) prepare compose-test
	@infra/docker/compose-test
