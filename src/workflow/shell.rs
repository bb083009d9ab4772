//! The commands of a `run` text, near enough to a shell's reading to see which program is run with which arguments.

use crate::plan::node::Place;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The program and its arguments, without quotes.
    pub(super) words: Vec<String>,
    /// Where it begins.
    pub(super) place: Place,
    /// Its output goes into a file or another program.
    pub(super) is_hidden: bool,
}

impl Command {
    /// Is this program run, directly or through `sudo` and the like?
    pub(super) fn runs(&self, program: &str) -> Option<&[String]> {
        let at = self.words.iter().position(|word| !is_before_a_program(word))?;
        let word = self.words.get(at)?;
        let is_it = word == program || word.rsplit('/').next() == Some(program);
        is_it.then(|| self.words.get(at + 1..)).flatten()
    }
}

/// A shell's own word, a variable that is set, or a program that runs another.
fn is_before_a_program(word: &str) -> bool {
    const BEFORE: [&str; 15] = [
        "sudo", "env", "time", "exec", "command", "nohup", "xargs", "if", "while", "until", "then", "do",
        "else", "!", "{",
    ];
    BEFORE.contains(&word) || word.contains('=') || word.starts_with('-')
}

struct Reading {
    found: Vec<Command>,
    words: Vec<String>,
    word: Option<String>,
    place: Option<Place>,
    is_hidden: bool,
}

/// The commands of a text. `at`: where it begins in its file; of a block (`run: |`), where its first line does.
pub(super) fn commands(text: &str, at: Place) -> Vec<Command> {
    let place = |line: u64| Place { line: at.line + line, column: at.column };
    let mut reading =
        Reading { found: Vec::new(), words: Vec::new(), word: None, place: None, is_hidden: false };
    let mut line = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let here = place(line);
        match character {
            '\'' | '"' => {
                reading.begin(here);
                while let Some(next) = characters.next() {
                    line += u64::from(next == '\n');
                    match next {
                        _ if next == character => break,
                        '\\' if character == '"' => reading.extend(characters.next()),
                        _ => reading.extend(Some(next)),
                    }
                }
            }
            '\\' => match characters.next() {
                Some('\n') => {
                    line += 1;
                    reading.end_word();
                }
                other => {
                    reading.begin(here);
                    reading.extend(other);
                }
            },
            '$' if characters.peek() == Some(&'{') => {
                reading.begin(here);
                reading.extend(Some(character));
                // `${{ … }}` and `${…}` are of one word, spaces included.
                let mut depth = 0_u32;
                for next in characters.by_ref() {
                    line += u64::from(next == '\n');
                    reading.extend(Some(next));
                    depth = if next == '{' { depth + 1 } else { depth - u32::from(next == '}') };
                    if depth == 0 {
                        break;
                    }
                }
            }
            '$' if characters.peek() == Some(&'(') => reading.end(false),
            '#' if reading.word.is_none() => while characters.next_if(|next| *next != '\n').is_some() {},
            '\n' => {
                line += 1;
                reading.end(false);
            }
            ';' | '&' | '(' | ')' | '`' => reading.end(false),
            '|' => reading.end(true),
            '>' => {
                let is_of_errors = reading.word.as_deref() == Some("2");
                if is_of_errors {
                    reading.word = None;
                }
                reading.end_word();
                reading.is_hidden |= !is_of_errors;
                while characters.next_if(|next| *next == '>' || *next == '&').is_some() {}
            }
            _ if character.is_whitespace() => reading.end_word(),
            _ => {
                reading.begin(here);
                reading.extend(Some(character));
            }
        }
    }
    reading.end(false);
    reading.found
}

impl Reading {
    fn begin(&mut self, place: Place) {
        self.place.get_or_insert(place);
        self.word.get_or_insert_default();
    }

    fn extend(&mut self, character: Option<char>) {
        self.word.get_or_insert_default().extend(character);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn end(&mut self, is_piped: bool) {
        self.end_word();
        let is_hidden = std::mem::take(&mut self.is_hidden) || is_piped;
        let words = std::mem::take(&mut self.words);
        if let Some(place) = self.place.take()
            && !words.is_empty()
        {
            self.found.push(Command { words, place, is_hidden });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;
    use crate::plan::node::Place;

    fn read(text: &str) -> Vec<(u64, Vec<String>, bool)> {
        let found = commands(text, Place { line: 10, column: 14 });
        found.into_iter().map(|command| (command.place.line, command.words, command.is_hidden)).collect()
    }

    #[test]
    fn commands_have_their_lines_and_words() {
        let text = "# kubectl delete\nset -e; sudo kubectl apply \\\n  -k \"a b\" # why\nx=$(kubectl get 'po d') && echo \"$X\" >> file\n";
        let words = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            read(text),
            [
                (11, words("set|-e"), false),
                (11, words("sudo|kubectl|apply|-k|a b"), false),
                (13, words("x="), false),
                (13, words("kubectl|get|po d"), false),
                (13, words("echo|$X|file"), true),
            ]
        );
        assert_eq!(read("kubectl version"), [(10, words("kubectl|version"), false)]);
    }

    #[test]
    fn an_expression_is_one_word_and_a_pipe_hides() {
        assert_eq!(
            read("echo ${{ secrets.A }} | base64 2>/dev/null"),
            [
                (10, vec!["echo".into(), "${{ secrets.A }}".into()], true),
                (10, vec!["base64".into(), "/dev/null".into()], false)
            ]
        );
        assert!(read("'unended").len() == 1 && read("${{").len() == 1 && read("\\").len() == 1);
    }
}
