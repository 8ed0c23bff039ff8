"""The words of the definition language: kinds of questions, pages, fee, decision. Read them through schema.load()."""
