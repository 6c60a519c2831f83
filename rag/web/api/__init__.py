"""The API for programs: its operations, over plain HTTP and as MCP tools."""
