#!/bin/sh
# Runs once, when the database is new: the gateway gets a role of its own. It owns its database and is no superuser,
# for whom PostgreSQL would look away from row-level security.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
-- Read by psql itself: an argument would stand in the list of processes.
\set password `cat /run/secrets/gateway_password`
create role vendorsmith login nosuperuser nobypassrls password :'password';
create database vendorsmith owner vendorsmith;
revoke connect on database vendorsmith from public;
SQL
