enum ConceptDBPlaceholder {}
