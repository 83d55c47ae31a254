"""The modes of the workbench, one a file: home, train, clusters, users."""
