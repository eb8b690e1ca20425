/// Invents names, so that a model learns to look at references instead of remembering names.
struct FreshNames {
    private static let first = [
        "Amélie", "Jules", "Chloé", "Théo", "Giulia", "Matteo", "Chiara", "Luca", "Emma", "Oliver",
        "Sophie", "Jack", "Nora", "Sven", "Priya", "Arjun", "Zola", "Tariq", "Inês", "Katya",
        "민수", "서연", "지호", "하은", "小明", "美玲", "Seo-yeon", "Haruki", "Yuki", "Mei Lin",
    ]
    private static let things = [
        "Biscuit", "Rocket", "Clover", "Pixel", "Mango", "Domino", "Pebble", "Truffle", "Comet",
        "Waffles", "Turbo", "Nimbus", "Pickle", "Juniper",
    ]
    private static let onsets = [
        "b", "br", "d", "f", "g", "gl", "h", "k", "kl", "l", "m", "n", "p", "r", "s", "sh", "t",
        "tr", "v", "w", "z",
    ]
    private static let cores = ["a", "e", "i", "o", "u", "ai", "ee", "ia", "o", "a"]
    private static let codas = ["", "", "n", "r", "l", "x", "s", "k"]
    private static let titles = ["Captain", "Doctor", "Miss", "Mr.", "Professor", "Lady"]

    /// Names that cannot be told from these are not given again.
    private var taken: Set<NameKey>

    init(except names: [String]) { taken = Set(names.map(NameKey.init)) }

    mutating func next(_ random: inout RewardRandom) -> String {
        while true {
            let name = Self.draw(&random)
            if taken.insert(NameKey(name)).inserted { return name }
        }
    }

    private static func draw(_ random: inout RewardRandom) -> String {
        switch random.weighted([4, 2, 1, 1, 1]) {
        case 0: invented(&random)
        case 1: random.element(first)
        case 2: random.element(things) + (random.chance(0.3) ? "-\(random.below(90) + 10)" : "")
        case 3: random.element(titles) + " " + invented(&random)
        default: random.element(first) + " " + random.element(things)
        }
    }

    private static func invented(_ random: inout RewardRandom) -> String {
        var name = ""
        for _ in 0...random.below(2) + 1 {
            name += random.element(onsets) + random.element(cores) + random.element(codas)
        }
        return name.prefix(1).uppercased() + name.dropFirst()
    }
}
