import ConceptDB
import ImageCodecs
import PersonalCaption
import VLMRuntime

/// Turns whatever a command throws into a sentence and an exit code.
enum FailureMapping {
    static func failure(for error: any Error) -> StudioFailure {
        switch error {
        case let failure as StudioFailure: failure
        case is CancellationError: StudioFailure(.interrupted, "stopped; what was done is kept")
        case let error as ConceptStoreError: StudioFailure(exit(error), error.description)
        case let error as ImageReadError: StudioFailure(exit(error), error.description)
        case let error as CheckpointError: StudioFailure(exit(error), error.description)
        case let error as any OutsideDataError:
            StudioFailure(error.isMissing ? .notFound : .badInput, error.description)
        case let error as EngineError: StudioFailure(exit(error), error.description)
        case let error as RunError: StudioFailure(exit(error), error.description)
        case let error as AdapterError: StudioFailure(exit(error), error.description)
        case let error as any CustomStringConvertible & Error:
            StudioFailure(isBadInput(error) ? .badInput : .failed, error.description)
        default: StudioFailure(.failed, "\(error)")
        }
    }

    private static func exit(_ error: ConceptStoreError) -> StudioExit {
        switch error {
        case .noSuchConcept, .noSuchConceptID, .notInTrash, .noSuchImage, .noSuchStoredImage,
            .noSuchCaption, .noSuchModel:
            .notFound
        case .emptyText, .textTooLong, .controlCharacters, .tooManyTags, .duplicateName,
            .restoreConflict, .duplicateModel, .archive:
            .badInput
        case .image(let error): exit(error)
        case .stopped: .interrupted
        default: .failed
        }
    }

    private static func exit(_ error: EngineError) -> StudioExit {
        switch error {
        case .address: .badInput
        case .unsupported: .usage
        case .refused: error.concernsRequest ? .badInput : .failed
        case .unreachable, .malformed: .failed
        }
    }

    private static func exit(_ error: RunError) -> StudioExit {
        switch error {
        case .notFound: .notFound
        case .badName, .exists, .damaged, .otherModel, .noMaterial, .finished: .badInput
        case .busy, .unwritable: .failed
        }
    }

    private static func exit(_ error: AdapterError) -> StudioExit {
        if case .unwritable = error { return .failed }
        return .badInput
    }

    private static func exit(_ error: ImageReadError) -> StudioExit {
        if case .notFound = error { return .notFound }
        return .badInput
    }

    private static func exit(_ error: CheckpointError) -> StudioExit {
        if case .notAFolder = error { return .notFound }
        return .badInput
    }

    /// Errors that a file or an argument is to blame for.
    private static func isBadInput(_ error: any Error) -> Bool {
        switch error {
        case is GenerationError, is ImagePreprocessingError, is ImageConfigurationError,
            is TokenizerError, is ChatTemplateError, is CaptionPromptError, is ModelProfileError,
            is CompositionError, is PlacementError:
            true
        default: false
        }
    }
}
