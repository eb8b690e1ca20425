import ArgumentParser

/// `studio concept …`: the library of people, animals, places and things.
struct ConceptCommand: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "concept",
        abstract: "Register, find and change the concepts that captions name.",
        subcommands: [
            ConceptAdd.self, ConceptList.self, ConceptShow.self, ConceptEditing.self,
            ConceptRename.self, ConceptRemove.self, ConceptRestore.self, ConceptPurge.self,
            ConceptSearch.self, ConceptImport.self, ConceptExport.self, ConceptVerify.self,
        ])
}
