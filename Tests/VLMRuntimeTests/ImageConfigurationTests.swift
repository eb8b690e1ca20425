import Foundation
import Testing
import VLMRuntime

@Suite struct ImageConfigurationTests {
    /// Reads a configuration from files that a throw-away folder holds.
    private func read(_ files: [String: String]) throws -> ImagePreprocessorConfiguration {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("image-configuration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        return try ImagePreprocessorConfiguration(directory: folder)
    }

    private func read(_ text: String) throws -> ImagePreprocessorConfiguration {
        try read(["preprocessor_config.json": text])
    }

    @Test func publishedFileIsRead() throws {
        let found = try ImagePreprocessorConfiguration(
            directory: ImageGoldens.folder.appendingPathComponent("ckpt-old"))
        #expect(found.minPixels == 3136)
        #expect(found.maxPixels == 12_845_056)
        #expect(found.mean == [0.48145466, 0.4578275, 0.40821073])
    }

    @Test func whatIsMissingTakesTheClassDefault() throws {
        #expect(try read("{}") == ImagePreprocessorConfiguration())
        #expect(try read("{}").maxPixels == 1_003_520)
        #expect(try read(#"{"size": null, "min_pixels": null}"#).minPixels == 3136)
    }

    @Test func namedLimitsWinOverAreas() throws {
        let size = #""size": {"shortest_edge": 4000, "longest_edge": 90000}"#
        #expect(try read("{\(size)}").minPixels == 4000)
        #expect(try read("{\(size)}").maxPixels == 90000)
        let both = try read("{\(size), \"min_pixels\": 5000, \"max_pixels\": 80000}")
        #expect(both.minPixels == 5000)
        #expect(both.maxPixels == 80000)
    }

    @Test func newerFoldersKeepItInAnotherFile() throws {
        let wrapped = #"{"image_processor": {"max_pixels": 50000}, "processor_class": "X"}"#
        #expect(try read(["processor_config.json": wrapped]).maxPixels == 50000)
        let both = [
            "processor_config.json": wrapped, "preprocessor_config.json": "{\"max_pixels\": 6000}",
        ]
        #expect(try read(both).maxPixels == 6000)
    }

    @Test func missingFilesAreNamed() throws {
        for files in [[:], ["processor_config.json": "{}"]] {
            let error = #expect(throws: ImageConfigurationError.self) { try read(files) }
            #expect(error?.description.contains("preprocessor_config.json") == true)
        }
    }

    @Test(arguments: [
        (#"{"patch_size": 0}"#, "patch_size"), (#"{"patch_size": 100000}"#, "patch_size"),
        (#"{"merge_size": -2}"#, "merge_size"),
        (#"{"temporal_patch_size": 1000000000}"#, "temporal_patch_size"),
        (#"{"min_pixels": 0}"#, "min_pixels"),
        (#"{"max_pixels": 9000000000000000000}"#, "max_pixels"),
        (#"{"min_pixels": 9000, "max_pixels": 8000}"#, "max_pixels"),
        (#"{"image_mean": [0.5, 0.5]}"#, "image_mean"),
        (#"{"image_mean": [0.5, 0.5, 1e300]}"#, "image_mean"),
        (#"{"image_std": [0.5, 0, 0.5]}"#, "image_std"),
        (#"{"image_std": [-0.5, 0.5, 0.5]}"#, "image_std"), (#"{"image_std": []}"#, "image_std"),
        (#"{"do_normalize": false}"#, "do_normalize"),
        (#"{"rescale_factor": 1}"#, "rescale_factor"),
    ])
    func senselessValuesAreRefusedByName(json: String, key: String) throws {
        let error = #expect(throws: ImageConfigurationError.self) { try read(json) }
        guard case .refused(_, key, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        "", "[1, 2]", "{\"patch_size\": \"14\"}", "{\"image_mean\": [0.5, 0.5, NaN]}",
        "{\"patch_size\": 14.5}", "{\"image_std\": [1e999, 1, 1]}", "{\"max_pixels\": 1e30}",
    ])
    func malformedFilesAreRefused(text: String) throws {
        let error = #expect(throws: ImageConfigurationError.self) { try read(text) }
        #expect(error?.description.contains("preprocessor_config.json") == true)
    }

    /// A configuration of many megabytes is not one.
    @Test func oversizedFilesAreNotRead() throws {
        let text = "{" + String(repeating: " ", count: 1 << 20) + "}"
        let error = #expect(throws: ImageConfigurationError.self) { try read(text) }
        #expect(error?.description.contains("1048578 bytes, more than 1048576") == true)
    }
}
