/// `rewards.py`: the strict rewards of training here, for TRL.
///
/// The program's own text in Python, so that GPUs elsewhere pull in the same direction;
/// `Tools/check_train_export.py` compares it with the judgements of `EpisodeJudge`.
enum TRLRewards {
    static let source = #"""
        """The rewards of the studio's own training, strict form, for TRL's GRPOTrainer.

        One function for three tasks: yes or no (is the object of the reference in the picture?), boxes
        (0.5 of the joint area or more) and captions (right names less wrong ones, no filler). Needs
        nothing but Python.
        """

        import re
        import unicodedata

        MINIMUM_LENGTH = 100  # code points that can be seen; shorter captions earn nothing
        MENTIONS_PER_NAME = 6
        REPEATED_WORDS = 0.3
        REPEATED_SENTENCES = 0.3
        NAME_WORDS = 0.5
        COPIED_WORDS = 0.5
        DIFFERENT_WORDS = 8
        LONGEST_WORD = 40

        APOSTROPHES = set("'\u2019\u2018\u02bc\u02bb\uff07`\u00b4\u2032")
        CONTRACTIONS = {"s", "t", "d", "m", "ll", "re", "ve"}
        CONNECTORS = {"and", "or", "with", "&", "et", "und", "y", "e"}
        JOINERS = set("-\u2010\u2011\u2013_'*\u00b7\u30fb\u2027")
        PARTICLES = (
            "에게서 이라는 에게 에서 으로 한테 까지 부터 처럼 보다 이랑 하고 이나 라는 은 는 이 가 을 를 의 에 와 과 도 만 "
            "로 랑 나 야 아 씨 님 네 들 께"
        ).split()
        INVISIBLE = re.compile(
            "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
            "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
            "\U000e0000-\U000e0fff]"
        )


        # Words


        def clusters(text):
            """Letters with the marks that belong to them."""
            found = []
            for sign in text.replace("\r\n", "\n"):
                joins = unicodedata.category(sign) in ("Mn", "Mc", "Me") or sign == "\u200d"
                if found and found[-1] != "\n" and (joins or found[-1].endswith("\u200d")):
                    found[-1] += sign
                else:
                    found.append(sign)
            return found


        def word_class(sign):
            kind = unicodedata.category(sign)
            if kind in ("Zs", "Zl", "Zp", "Cc"):
                return "space"
            if kind[0] == "L" or kind[0] == "M" or kind[0] == "N":
                return script(ord(sign))
            if kind in ("Sc", "So", "Co", "Cn"):
                return "symbol"
            if kind == "Sm":
                return "punctuation" if sign in "<>~|" else "symbol"
            if kind == "Po":
                return "symbol" if sign in "#&@%" else "punctuation"
            return "punctuation"


        def script(value):
            def within(*ranges):
                return any(low <= value <= high for low, high in ranges)

            if within((0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF)):
                return "katakana"
            if within((0x1100, 0x11FF), (0xA960, 0xA97F), (0xAC00, 0xD7FF)):
                return "hangul"
            if within(
                (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF),
                (0x2E80, 0x2FFF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3041, 0x309F),
                (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x1B000, 0x1B16F),
                (0x20000, 0x3FFFF),
            ):
                return "unspaced"
            return "spaced"


        def fold(cluster):
            """Folded text, class, and whether it is an apostrophe."""
            if cluster in APOSTROPHES:
                return "'", "punctuation", True
            text = INVISIBLE.sub("", unicodedata.normalize("NFKC", cluster))
            text = unicodedata.normalize("NFC", text.upper().lower())
            return text, word_class(text[0]) if text else "spaced", False


        class Token:
            def __init__(self, text, kind, start, gap, paragraph, apostrophe):
                self.text, self.kind, self.start, self.end = text, kind, start, start + 1
                self.gap, self.paragraph = gap, paragraph
                self.contraction = apostrophe and text in CONTRACTIONS
                self.apostrophe = apostrophe


        def tokens(folded, start=0, end=None):
            found, gap, space, breaks, attached, is_open = [], "", False, 0, False, False
            for index in range(start, len(folded) if end is None else end):
                text, kind, apostrophe = folded[index]
                if not text:
                    if is_open and found:
                        found[-1].end = index + 1
                elif kind == "space":
                    is_open, space = False, True
                    breaks += any(sign in "\n\r\v\f\x85\u2028\u2029" for sign in text)
                elif kind == "punctuation":
                    is_open = False
                    if apostrophe and not gap and not space and index > 0:
                        attached = True
                    gap += text
                elif is_open and found and found[-1].kind == kind and kind not in ("unspaced", "symbol"):
                    found[-1].text += text
                    found[-1].end = index + 1
                else:
                    found.append(
                        Token(text, kind, index, gap, breaks > 1, attached and gap == "'" and not space)
                    )
                    gap, space, breaks, attached = "", False, 0, False
                    is_open = kind not in ("unspaced", "symbol")
            for token in found:
                token.contraction = token.apostrophe and token.text in CONTRACTIONS
            return found


        def words(text):
            return [token.text for token in tokens([fold(cluster) for cluster in clusters(text)])]


        def one_line(text):
            line = "".join(
                " " if sign.isspace() or unicodedata.category(sign) == "Cc" else sign for sign in text
            )
            return " ".join(part for part in line.split(" ") if part)


        def shown(name):
            line = one_line(name)
            if len(line) > 2 and line[0] == "<" and line[-1] == ">" and not set("<>") & set(line[1:-1]):
                line = line[1:-1]
            return one_line(line.replace("<", "\u2039").replace(">", "\u203a"))


        def key(name):
            text = shown(name)
            return tuple(words(text)) or ("".join(fold(cluster)[0] for cluster in clusters(text)),)


        # Names


        class Names:
            """Finds names in captions by the strict rule."""

            def __init__(self, supplied, library):
                self.patterns, self.by_key = [], {}
                for name in list(supplied) + list(library):
                    if not shown(name) or key(name) in self.by_key:
                        continue
                    folded = [fold(cluster) for cluster in clusters(shown(name))]
                    self.by_key[key(name)] = len(self.patterns)
                    self.patterns.append((name, tokens(folded)))

            def report(self, caption):
                """Keys of known names, invented names, all mentions, and whether a tag is closed."""
                folded = [fold(cluster) for cluster in clusters(caption)]
                used, invented, mentions, closing = set(), set(), [], False
                for kind, start, end in segments(folded):
                    if kind == "closing":
                        closing = True
                        continue
                    content = "".join(clusters(caption)[start:end])
                    inside = tokens(folded, start, end)
                    if kind == "plain":
                        hits = [hit for hit, _ in self.matches(inside)]
                    elif key(content) in self.by_key:
                        hits = [self.by_key[key(content)]]
                    else:
                        found = self.matches(inside)
                        covered = {index for _, indices in found for index in indices}
                        joined = all(
                            index in covered or token.text in CONNECTORS
                            for index, token in enumerate(inside)
                        )
                        hits = [hit for hit, _ in found] if found and joined else None
                    if hits is None:
                        invented.add(key(one_line(content)))
                        mentions.append(one_line(content))
                        continue
                    for hit in hits:
                        used.add(key(self.patterns[hit][0]))
                        mentions.append(self.patterns[hit][0])
                return used, invented, mentions, closing

            def matches(self, inside):
                found, index = [], 0
                while index < len(inside):
                    best = self.longest(inside, index)
                    if best is None:
                        index += 1
                    else:
                        found.append(best[:2])
                        index += len(best[1])
                return found

            def longest(self, inside, start):
                if inside[start].contraction:
                    return None
                best = None
                for number, (_, wanted) in enumerate(self.patterns):
                    end = match(wanted, inside, start)
                    if end is not None and (best is None or end > best[2]):
                        best = (number, range(start, start + len(wanted)), end)
                return best


        def match(wanted, inside, start):
            if not wanted or start + len(wanted) > len(inside):
                return None
            end = None
            for offset, want in enumerate(wanted):
                found = inside[start + offset]
                last = offset == len(wanted) - 1
                if want.text == found.text:
                    end = found.end
                elif (
                    last and want.kind == found.kind == "hangul" and found.text.startswith(want.text)
                    and particles(found.text[len(want.text):])
                ):
                    plain = found.end - found.start == len(found.text)
                    end = found.start + len(want.text) if plain else found.end
                else:
                    return None
                if offset > 0:
                    if found.contraction != want.contraction:
                        return None
                    if not may_follow(found, want, inside[start + offset - 1]):
                        return None
            return end


        def may_follow(found, want, previous):
            if found.paragraph:
                return False
            rest = "".join(sign for sign in found.gap if sign not in JOINERS)
            own = "".join(sign for sign in want.gap if sign not in JOINERS)
            return not rest or rest == own or (rest == "." and len(previous.text) <= 3)


        def particles(text):
            return not text or any(
                text.startswith(particle) and particles(text[len(particle):]) for particle in PARTICLES
            )


        def segments(folded):
            """Plain stretches, bracketed names and closing tags."""
            found, plain, index = [], 0, 0
            while index < len(folded):
                close = bracket_end(folded, index)
                if close is None:
                    index += 1
                    continue
                if plain < index:
                    found.append(("plain", plain, index))
                closing = folded[index + 1][0] == "/"
                found.append(("closing" if closing else "name", index + (2 if closing else 1), close))
                index = plain = close + 1
            if plain < len(folded):
                found.append(("plain", plain, len(folded)))
            return found


        def bracket_end(folded, start):
            if folded[start][0] != "<" or start + 2 >= len(folded) or folded[start + 1][1] == "space":
                return None
            for index in range(start + 1, min(len(folded), start + 202)):
                sign = folded[index][0]
                if sign == ">":
                    return index if index > start + 1 and folded[index - 1][1] != "space" else None
                if sign in ("<", "\n", "\r"):
                    return None
            return None


        # Rewards


        def fault(caption, mentions, copied):
            """What is wrong with a caption as a text; None when it may stand."""
            all_words = words(caption)
            if len(set(all_words)) < DIFFERENT_WORDS:
                return "hardly any words"
            if any(len(word) > LONGEST_WORD for word in all_words):
                return "an endless word"
            keys = [key(name) for name in mentions]
            if keys and max(keys.count(one) for one in set(keys)) > MENTIONS_PER_NAME:
                return "a name too often"
            total = len(all_words)
            if sum(max(1, len(words(name))) for name in mentions) > NAME_WORDS * total:
                return "little but names"
            if most_repeated(all_words) > REPEATED_WORDS * total:
                return "the same words again and again"
            if in_repeated_sentences(caption) > REPEATED_SENTENCES * total:
                return "the same sentence again"
            if copied_count(all_words, copied) > COPIED_WORDS * total:
                return "copies what it was told"
            return None


        def most_repeated(all_words):
            if len(all_words) < 8:
                return 0
            places = {}
            for start in range(len(all_words) - 3):
                places.setdefault(tuple(all_words[start:start + 4]), []).append(start)
            most = 0
            for starts in places.values():
                if len(starts) > 1:
                    covered = end = 0
                    for start in starts:
                        covered += start + 4 - max(start, end)
                        end = start + 4
                    most = max(most, covered)
            return most


        def in_repeated_sentences(caption):
            seen, count = set(), 0
            for sentence in re.split("[.!?\n。！？]", caption):
                found = tuple(words(sentence))
                if len(found) > 2:
                    count += len(found) if found in seen else 0
                    seen.add(found)
            return count


        def copied_count(all_words, lines, run=5):
            known = set()
            for line in lines:
                told = words(line)
                known |= {tuple(told[start:start + run]) for start in range(len(told) - run + 1)}
            copied = [False] * len(all_words)
            for start in range(len(all_words) - run + 1):
                if tuple(all_words[start:start + run]) in known:
                    copied[start:start + run] = [True] * run
            return sum(copied)


        def names_reward(caption, present, supplied, others=(), infos=()):
            """max(0, right - wrong) / present; with nobody in view 1 for naming nobody."""
            if len(INVISIBLE.sub("", one_line(caption))) < MINIMUM_LENGTH:
                return 0.0
            used, invented, mentions, closing = Names(supplied, list(others) + list(present)).report(caption)
            if closing or fault(caption, mentions, infos) is not None:
                return 0.0
            used = used | invented
            there = {key(name) for name in present}
            right, wrong = len(there & used), len(used - there)
            if not there:
                return 1.0 if wrong == 0 else 0.0
            return max(0, right - wrong) / len(there)


        def same_object_reward(answer, right):
            said = set(words(answer)) & {"yes", "no"}
            return 1.0 if said == {right} else 0.0


        BOX = re.compile(r"\[\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*\]")


        def box_reward(answer, box):
            found = BOX.search(answer)
            if not found:
                return 0.0
            a = [float(number) for number in found.groups()]
            if any(number >= 1e6 for number in a) or a[0] >= a[2] or a[1] >= a[3]:
                return 0.0
            shared = max(0, min(a[2], box[2]) - max(a[0], box[0])) * max(0, min(a[3], box[3]) - max(a[1], box[1]))
            joint = (a[2] - a[0]) * (a[3] - a[1]) + (box[2] - box[0]) * (box[3] - box[1]) - shared
            return 1.0 if joint > 0 and shared / joint >= 0.5 else 0.0


        def text_of(completion):
            """What was written, whether TRL hands over text or a conversation."""
            if isinstance(completion, str):
                return completion
            content = completion[-1]["content"] if completion else ""
            if isinstance(content, str):
                return content
            return "".join(part.get("text") or "" for part in content)


        def strict_reward(completions, task, present, supplied, others, infos, box, answer, **_):
            """The reward of every completion, 0 to 1."""
            rewards = []
            for index, completion in enumerate(completions):
                text = text_of(completion)
                if task[index] == "sameObject":
                    rewards.append(same_object_reward(text, answer[index]))
                elif task[index] == "box":
                    rewards.append(box_reward(text, box[index]))
                else:
                    rewards.append(
                        names_reward(text, present[index], supplied[index], others[index], infos[index])
                    )
            return rewards
        """#
}
