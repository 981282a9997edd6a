"""Finished files of the service, kept under names: in a folder, or in an object store that every machine reaches."""
