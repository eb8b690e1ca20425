// swift-tools-version: 6.2
import PackageDescription

/// For all Swift targets.
///
/// Swift 6 language mode comes from the tools version; warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// C targets carry their optimisation in the source (function target attributes), not in flags,
/// because `unsafeFlags` would make the package unusable as a dependency.
let package = Package(
    name: "PersonalizationStudio",
    products: [
        .executable(name: "studio", targets: ["StudioTUI"]),
        .library(name: "VLMRuntime", targets: ["VLMRuntime"]),
        .library(name: "PersonalCaption", targets: ["PersonalCaption"]),
        .library(name: "ConceptDB", targets: ["ConceptDB"]),
        .library(name: "StudioServer", targets: ["StudioServer"]),
        .library(name: "ModelHub", targets: ["ModelHub"]),
    ],
    dependencies: [
        // The library of concepts must survive kill -9: GRDB gives SQLite with WAL, tested
        // migrations, full-text search and concurrent readers; a hand-written wrapper would not.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Subcommands, help, and completion scripts for three shells from one declaration.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SHA-256 of pictures, on every platform, by audited code.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Settings and key bindings are files people edit by hand, with comments; YAML by a real
        // parser gives errors with line and column.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // `studio serve`: HTTP over SwiftNIO with back-pressure, bounded bodies and graceful
        // shutdown. A server that strangers may reach is no place for a parser of our own.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0"),
        // The log that Hummingbird and NIO write to; one line a request goes the same way.
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        // Parts of Hummingbird that are named in our own code: closing the connection of a client
        // that does not read, header names, and a shutdown that lets running answers finish.
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .target(name: "CKernels"),
        .target(
            name: "COpenBLAS", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "CImageCodecs",
            linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg"), .linkedLibrary("webp")]),
        .target(
            name: "CSixel",
            linkerSettings: [.linkedLibrary("sixel")]),
        .target(
            name: "CNCurses",
            linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        .target(name: "CTerminal"),
        .target(name: "ImageCodecs", dependencies: ["CImageCodecs"], swiftSettings: strict),
        .target(
            name: "TerminalUI", dependencies: ["CNCurses", "CTerminal"], swiftSettings: strict),
        .target(
            name: "VLMRuntime",
            dependencies: [
                "CKernels", "COpenBLAS", "ImageCodecs",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "ConceptDB",
            dependencies: [
                "ImageCodecs",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "PersonalCaption",
            dependencies: ["VLMRuntime", "ConceptDB", "ImageCodecs", "WebClient"],
            swiftSettings: strict),
        .target(
            name: "StudioServer",
            dependencies: [
                "PersonalCaption", "VLMRuntime", "ImageCodecs",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        // libcurl, which Foundation's own client is built on: that one keeps a core busy while it
        // waits for an answer, and the time belongs to the engine beside it.
        .target(name: "CTransfer", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "WebClient", dependencies: ["CTransfer"], swiftSettings: strict),
        .target(
            name: "ModelHub",
            dependencies: ["WebClient", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .executableTarget(
            name: "StudioTUI",
            dependencies: [
                "StudioServer", "ModelHub", "PersonalCaption", "VLMRuntime", "ConceptDB",
                "ImageCodecs",
                "CSixel",
                "TerminalUI", .product(name: "Yams", package: "Yams"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(name: "KernelTests", dependencies: ["CKernels"], swiftSettings: strict),
        .testTarget(
            name: "ImageCodecsTests", dependencies: ["ImageCodecs"], swiftSettings: strict),
        .testTarget(
            name: "VLMRuntimeTests",
            dependencies: ["VLMRuntime", "ImageCodecs", "CKernels"],
            swiftSettings: strict),
        .testTarget(
            name: "ConceptDBTests", dependencies: ["ConceptDB", "ImageCodecs"],
            swiftSettings: strict),
        .testTarget(
            name: "PersonalCaptionTests", dependencies: ["PersonalCaption", "WebClient"],
            swiftSettings: strict),
        .testTarget(
            name: "StudioServerTests",
            dependencies: ["StudioServer", "PersonalCaption", "VLMRuntime", "ImageCodecs"],
            swiftSettings: strict),
        .testTarget(
            name: "ModelHubTests", dependencies: ["ModelHub", "WebClient"], swiftSettings: strict),
        .testTarget(name: "TerminalUITests", dependencies: ["TerminalUI"], swiftSettings: strict),
        .testTarget(
            name: "StudioTUITests", dependencies: ["StudioTUI", "TerminalUI"],
            swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    ]
)
