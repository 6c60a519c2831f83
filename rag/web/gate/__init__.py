"""Who comes in, with what: accounts, login, hosts, routes, uploads."""
