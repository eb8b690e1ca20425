/// Names for held-out concepts, none of which the embedded model was trained on.
enum HeldOutNames {
    /// Ordinary names and words used as names: the list `PLAIN` of `Samples/recipe/gen.py`, which
    /// no training text uses, and further first names that are in none of its lists.
    static let ordinary = """
        Bruna Pico Wanda Marlo Honey Tully Polly Momo Teddo Zippy Vinnie Rollo Dotty Bizzy
        Gilbert Hector Ingrid Jonah Kendra Lionel Mildred Nadia Ophelia Perry Quentin Rhonda
        Stanley Tabitha Ursula Vernon Wilbur Yvonne Agnes Barnaby Cecil Daphne Edgar Florence
        Gretchen Harold Irving Judith Kermit Lucinda Monty Nigel Olga Patsy Ralph Selma Trudy
        Ulrich Vivian Wallace Zachary Buddha Cinnamon Domino Fidget Gumbo Hopper Jellybean
        Kipper Lollipop Mango Noodle Pickles Radish Sprocket Toffee Waldo Yogi Blinky Chunky
        Doodle Fluffy Grumpy Jumbo Knuckles Lumpy Mittens Nibbles Pudding Rascal Scruffy Twinkle
        Wobbles Snuggles Abelard Adeline Alaric Albin Alden Alma Alphonse Amadeus Ambrose
        Anatole Anselm Anton Arabella Ariadne Armand Arnold Astor Aubrey August Aurelia
        Balthazar Baxter Benedict Bernice Bertram Blanche Boris Bram Brigitte Brutus Byron
        Cedric Celeste Cesar Clarence Clement Clementine Clovis Conrad Constance Cordelia
        Cornelius Cosmo Cyril Dahlia Damian Darius Delia Delphine Denzel Desmond Dimitri Dominic
        Dorothea Dudley Duncan Edmund Edwina Egbert Eleanor Elias Elvira Emeric Enzo Erasmus
        Ernest Esmond Esther Eugene Eunice Evander Fabian Ferdinand Fergus Fidelia Floyd
        Francesca Franklin Gaston Geraldine Gideon Gilda Giles Gladys Godfrey Griselda Gunther
        Gwendolyn Hamish Hannibal Harriet Helga Henrietta Herman Hilda Horace Hortense Hubert
        Humphrey Ignatius Imogen Irma Isidore Ivor Jemima Jerome Jocasta Josephine Jules Justus
        Kasimir Konrad Lambert Lavinia Leander Leopold Lester Letitia Linnea Lorenzo Ludwig
        Luther Lydia Magnus Malcolm Marcella Mathilda Maurice Maxime Melchior Mervin Minerva
        Morris Mortimer Muriel Myrtle Nathaniel Ned Nestor Nikolai Norbert Octavia Odette Orson
        Osbert Oswald Othello Ottilie Pascal Percival Philippa Phineas Portia Primrose Prudence
        Quincey Rafael Raymond Regina Reginald Rhoda Roderick Roland Rosalind Rufus Rupert
        Samson Seymour Sidney Sigmund Solomon Spencer Tarquin Thaddeus Theodora Tobias Ulysses
        Valentina Vaughn Verity Viola Virgil Waldemar Wilfred Wilhelmina Winifred Wolfgang
        Xavier Yolanda Zacharias Zenobia Zora
        """.split { $0 == " " || $0 == "\n" }.map(String.init)

    private static let onsets = [
        "b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "br",
        "tr", "kl", "st", "sh", "ch", "qu", "x", "y",
    ]
    private static let vowels = ["a", "e", "i", "o", "u", "oo", "ai", "ee", "ia", "y"]
    private static let endings = ["", "", "n", "s", "x", "r", "l", "t", "k"]
    private static let titles = [
        "Mr.", "Miss", "Captain", "Sir", "Lady", "Little", "Old", "Doctor", "Princess", "Uncle",
    ]

    /// An invented name: syllables, sometimes two words, a title, a number or another script.
    static func invented(_ draw: inout IndexDraw) -> String {
        switch draw.nextUnit() {
        case ..<0.62: word(&draw)
        case ..<0.74: "\(draw.element(of: titles) ?? "") \(word(&draw))"
        case ..<0.84: "\(word(&draw)) \(word(&draw))"
        case ..<0.92:
            "\(word(&draw).lowercased())\(draw.element(of: ["-", "_"]) ?? "")\(1 + draw.next(below: 99))"
        default: "my \(word(&draw).lowercased())"
        }
    }

    private static let scripts = [
        "абвгдежзиклмнопрст", "αβγδεζηθικλμνοπρσ", "かきくけこさしすせそたちつてと", "小花大明星月雪风",
    ]

    private static func word(_ draw: inout IndexDraw) -> String {
        if draw.nextUnit() < 0.08, let script = draw.element(of: scripts) {
            return String(
                (0..<2 + draw.next(below: 3)).compactMap { _ in draw.element(of: Array(script)) })
        }
        let syllables = [1, 2, 2, 2, 3][draw.next(below: 5)]
        var word = ""
        for _ in 0..<syllables {
            word += (draw.element(of: onsets) ?? "") + (draw.element(of: vowels) ?? "")
        }
        word += draw.element(of: endings) ?? ""
        return draw.nextUnit() < 0.3 ? word : word.prefix(1).uppercased() + word.dropFirst()
    }
}
