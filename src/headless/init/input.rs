//! What `init` is asked for.

use std::path::PathBuf;

use clap::Args;

/// The compose files, where to write to, and the approval.
#[derive(Clone, Debug, Default, Args)]
pub struct Input {
    /// A compose file; may be repeated, later ones override [default: compose.yaml and its like in --into]
    #[arg(short, long = "file", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A profile that is active; may be repeated
    #[arg(long = "profile", value_name = "NAME")]
    pub profiles: Vec<String>,
    /// A file with variables, in place of .env; may be repeated
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
    /// The root of the repository that is written into
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub into: PathBuf,
    /// The stack's name [default: the compose project's]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The namespaces' prefix, as in PREFIX-staging [default: the stack's name]
    #[arg(long, value_name = "PREFIX")]
    pub namespace: Option<String>,
    /// Where images that are built are pushed, as in ghcr.io/acme
    #[arg(long, value_name = "REGISTRY")]
    pub registry: Option<String>,
    /// Show, or with --approve do, the way back from the last init, or from one that was interrupted
    #[arg(long, conflicts_with_all = ["files", "profiles", "env_files", "name", "namespace", "registry"])]
    pub rollback: bool,
    /// Show the whole of every file that changes
    #[arg(long)]
    pub diff: bool,
    /// Confirm what was shown, by its digest (at least its first twelve digits)
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
}

impl Input {
    /// The command with the same input, to be copied into a shell.
    pub(super) fn command(&self, approve: Option<&str>) -> String {
        let mut words = vec!["migrate-tui init".to_owned()];
        let mut add = |flag: &str, value: &str| words.push(format!("{flag} {}", quoted(value)));
        for file in &self.files {
            add("-f", &file.display().to_string());
        }
        for profile in &self.profiles {
            add("--profile", profile);
        }
        for file in &self.env_files {
            add("--env-file", &file.display().to_string());
        }
        if self.into.as_os_str() != "." {
            add("--into", &self.into.display().to_string());
        }
        for (flag, value) in
            [("--name", &self.name), ("--namespace", &self.namespace), ("--registry", &self.registry)]
        {
            if let Some(value) = value {
                add(flag, value);
            }
        }
        if self.rollback {
            words.push("--rollback".to_owned());
        }
        if let Some(digest) = approve {
            words.push(format!("--approve {digest}"));
        }
        words.join(" ")
    }
}

/// As one word of a shell.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@,+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::Input;

    #[test]
    fn the_command_to_repeat_is_one_that_a_shell_reads_back() {
        let input = Input {
            files: vec!["compose.yml".into(), "it's here.yml".into()],
            into: "/srv/shop".into(),
            registry: Some("ghcr.io/acme".into()),
            ..Input::default()
        };
        assert_eq!(
            input.command(Some("0123456789ab")),
            r"migrate-tui init -f compose.yml -f 'it'\''s here.yml' --into /srv/shop --registry ghcr.io/acme --approve 0123456789ab"
        );
    }
}
