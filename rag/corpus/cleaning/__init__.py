"""Which lines of a document are not its content: menus, share buttons, advertisements."""
