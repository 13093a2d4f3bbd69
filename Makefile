# Every target does its own set-up; the machine needs only python3 (3.11 or newer) and make.
# .venv/.runtime and .venv/.dev are stamps: a lock that changed since is installed anew.

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
# Downloads are unpacked first and byte-compiled afterwards on all cores: half the time.
PACKAGES := config desk flows ledger migrations notifications tasks
INSTALL := $(PIP) install -q --no-compile --require-hashes
# A file of tests stays in one process: what it starts, it starts once. On two cores three are worth
# it where much waits for other processes, two where all computes.
WORKERS ?= 3
PYTEST := $(PY) -m pytest --dist loadfile --no-loadscope-reorder -n
ON_BOTH := tests/ledger tests/notifications

# The service puts Prefect below DUBAN_HOME; only what runs without a service needs a place named.
test test-long mutants bench: export PREFECT_HOME := $(CURDIR)/var/prefect
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PREFECT_LOGGING_LEVEL ?= WARNING
export DO_NOT_TRACK := 1
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/var/home
endif

.DEFAULT_GOAL := help
.PHONY: help install demo up test test-long lint bench mutants lock

help:  ## 列出全部目标
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.runtime  ## 在 .venv/ 里装好督办
	@echo '已装好：.venv/bin/duban --help 列出全部命令。'

demo: .venv/.runtime  ## 用虚构的单位，把一次活动从通知到归档演示一遍
	@$(PY) -m flows demo

up: .venv/.runtime  ## 作为服务运行：Prefect 服务器、督办与网页，Ctrl-C 停止
	@$(PY) -m flows up

test: .venv/.dev  ## 运行测试；问到台账的，在 PostgreSQL 上再跑一遍
	$(PYTEST) $(WORKERS)
	$(PYTEST) 2 --database postgresql -m "not long and not no_ledger" $(ON_BOTH)

test-long: .venv/.dev  ## 运行费时的测试：真实进程、反复抢占、百万行
	$(PYTEST) 2 -m long --timeout 1800

bench: .venv/.dev  ## 测量速度；只量小的：make bench SIZES=10000,100000
	$(PY) -m tests.benchmarks $(if $(SIZES),--sizes $(SIZES))

mutants: .venv/.dev  ## 种下错误，看测试能否逐个抓住
	$(PY) -m tests.mutants

lint: .venv/.dev  ## 检查写法、类型和各层之间的引用
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

lock:  ## 按 pyproject.toml 更新两份锁；升级到最新用 make lock UPGRADE=--upgrade
	@test -x var/lock/bin/pip-compile || { $(PYTHON) -m venv var/lock && \
		var/lock/bin/python -m pip install -q pip-tools; }
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

COMPILE = CUSTOM_COMPILE_COMMAND='make lock' var/lock/bin/pip-compile -q $(UPGRADE) \
	--generate-hashes --allow-unsafe --strip-extras --build-deps-for editable \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.venv/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		'需要 Python 3.11 或更高版本：请安装后重试，或用 make PYTHON=/路径/python3 指明。' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
		'这台机器的 Python 缺少 venv：在 Debian、Ubuntu 上请先运行 apt-get install python3-venv，再重试。' >&2; exit 1; }
	@echo '正在安装运行所需的软件包，约需一两分钟……'
	@$(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(INSTALL) -r requirements.lock
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@$(PY) -m compileall -qq -j 0 .venv/lib $(PACKAGES) || true
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo '正在安装测试所需的软件包……'
	@$(INSTALL) -r requirements-dev.lock
	@$(PY) -m compileall -qq -j 0 .venv/lib || true
	@touch $@
