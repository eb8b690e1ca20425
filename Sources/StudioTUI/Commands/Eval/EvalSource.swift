import ArgumentParser
import Foundation
import PersonalCaption

extension HeldOutOptions.NameStyle: ExpressibleByArgument {}

/// Which pictures and concepts are evaluated.
struct EvalSource: ParsableArguments {
    /// Sets that come with the studio.
    enum OwnSet: String, CaseIterable, ExpressibleByArgument {
        /// The sample pictures.
        case studio
    }

    @Option(
        help: ArgumentHelp(
            "A folder: truth.json of the studio, database.json and queries of RAP or RePIC, or the "
                + "data of MyVLM or Yo'LLaVA.", valueName: "dir"),
        completion: .directory)
    var data: String?

    @Flag(help: "Drawings the embedded model has never seen, composed anew (the default).")
    var heldout = false

    @Option(help: "studio: the sample pictures.")
    var set: OwnSet?

    @Option(help: "With --data: the query template of a database.", completion: .file())
    var queries: String?

    @Option(
        help: ArgumentHelp("With --data: where query pictures lie.", valueName: "dir"),
        completion: .directory)
    var images: String?

    @Option(help: "With --heldout: number of concepts in the library.")
    var library = 100

    @Option(help: "With --heldout: ordinary or invented names.")
    var names = HeldOutOptions.NameStyle.ordinary

    @Flag(help: "With --heldout: pictures that are not square.")
    var oblong = false

    @Flag(help: "With --heldout: info lines that say nothing about the concepts.")
    var noHints = false

    func validate() throws {
        let sources = [data != nil, heldout, set != nil].count { $0 }
        if sources > 1 {
            throw ValidationError("--data, --heldout and --set exclude one another.")
        }
        if data == nil, queries != nil || images != nil {
            throw ValidationError("--queries and --images belong to --data.")
        }
        if !(5...HeldOutOptions.mostConcepts).contains(library) {
            throw ValidationError("--library takes 5 to \(HeldOutOptions.mostConcepts).")
        }
    }

    /// The set, and a text that tells it from others.
    ///
    /// - Parameters:
    ///   - visible: concepts in each picture that is made.
    ///   - pictures: number of pictures to make.
    func read(
        visible: Int, pictures: Int, seed: UInt64, session: Session
    ) throws -> (set: EvaluationSet, source: String) {
        if let data {
            let folder = URL(fileURLWithPath: data, isDirectory: true)
            let set = try EvaluationSet.read(
                folder, queries: queries.map { URL(fileURLWithPath: $0) },
                images: images.map { URL(fileURLWithPath: $0, isDirectory: true) })
            return (set, folder.standardizedFileURL.path)
        }
        guard let samples = session.samples else {
            throw StudioFailure(
                .notFound,
                "the folder Samples is not beside the program; set $STUDIO_SAMPLES to it, or give "
                    + "--data")
        }
        if set == .studio {
            return (try EvaluationSet.read(samples.directory), "the sample pictures")
        }
        let pack = samples.directory.appendingPathComponent("recipe/assets.pack")
        let options = HeldOutOptions(
            librarySize: library, pictures: pictures, visible: visible, names: names,
            isOblong: oblong, hidesKind: noHints, seed: seed)
        let set = try HeldOutSet(pack: AssetPack(pack), options: options).evaluationSet()
        return (set, "held-out drawings: \(options)")
    }
}
