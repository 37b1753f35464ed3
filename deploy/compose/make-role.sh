#!/bin/sh
# Runs once, when the database is new: the gateway gets a role of its own. It owns its database and is no superuser,
# for whom PostgreSQL would look away from row-level security.
set -eu
password=$(cat /run/secrets/gateway_password)
psql --set ON_ERROR_STOP=1 --set password="$password" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role vendorsmith login nosuperuser nobypassrls password :'password';
create database vendorsmith owner vendorsmith;
revoke connect on database vendorsmith from public;
SQL
