//! What a git remote's address says: on which host, and which repository.

/// A remote's address, without whatever password is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remote {
    /// In lower case, without a port.
    pub(super) host: String,
    /// Without `/` at either end, and without `.git`.
    pub(super) path: String,
}

impl Remote {
    /// Of an address as git has it; `None` for a folder on this machine.
    pub(super) fn of(address: &str) -> Option<Self> {
        let (authority, path) = match address.split_once("://") {
            Some(("https" | "http" | "ssh" | "git" | "git+ssh", rest)) => rest.split_once('/')?,
            Some(_) => return None,
            // `user@host:path`. A folder has its first `/` before any `:`.
            None => {
                let (authority, path) = address.split_once(':')?;
                if authority.contains('/') {
                    return None;
                }
                (authority, path)
            }
        };
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().to_lowercase();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).to_owned();
        let host = match host.as_str() {
            // GitHub's ways in where port 22 is closed, and of old.
            "ssh.github.com" | "www.github.com" => "github.com".to_owned(),
            _ => host,
        };
        (!host.is_empty() && !path.is_empty()).then_some(Self { host, path })
    }

    /// `OWNER/NAME`, when it is one.
    pub(super) fn repository(&self) -> Option<&str> {
        crate::plan::is_repository(&self.path).then_some(self.path.as_str())
    }
}

/// Whose software answers at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// github.com, or GitHub Enterprise Cloud with data residency.
    GitHub,
    /// Another one, by its name.
    Other(&'static str),
    /// It may be a GitHub Enterprise Server.
    Unknown,
}

/// What a host's name tells of it.
pub(super) fn sort(host: &str) -> Sort {
    const OTHERS: [(&str, &str); 8] = [
        ("gitlab", "GitLab"),
        ("bitbucket", "Bitbucket"),
        ("codeberg", "Codeberg (Forgejo)"),
        ("forgejo", "Forgejo"),
        ("gitea", "Gitea"),
        ("dev.azure.com", "Azure DevOps"),
        ("visualstudio.com", "Azure DevOps"),
        ("sr.ht", "SourceHut"),
    ];
    if host == "github.com" || host.ends_with(".ghe.com") {
        return Sort::GitHub;
    }
    OTHERS.iter().find(|(part, _)| host.contains(part)).map_or(Sort::Unknown, |(_, name)| Sort::Other(name))
}

/// Where a GitHub's API answers.
pub(super) fn api_of(host: &str) -> String {
    match host {
        "github.com" => "https://api.github.com".to_owned(),
        host if host.ends_with(".ghe.com") => format!("https://api.{host}"),
        host => format!("https://{host}/api/v3"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Remote, Sort, api_of, sort};

    #[test]
    fn every_form_of_address_is_read() {
        for address in [
            "https://github.com/acme/shop.git",
            "https://github.com/acme/shop/",
            "https://someone:password@GitHub.com/acme/shop",
            "ssh://git@github.com/acme/shop.git",
            "ssh://git@ssh.github.com:443/acme/shop.git",
            "git@github.com:acme/shop.git",
            "github.com:acme/shop",
            "git://github.com/acme/shop.git",
        ] {
            let remote = Remote::of(address).unwrap_or_else(|| panic!("{address}"));
            assert_eq!(
                (remote.host.as_str(), remote.repository()),
                ("github.com", Some("acme/shop")),
                "{address}"
            );
        }
        for folder in ["/srv/git/shop.git", "../shop", "file:///srv/shop.git", "./a:b", ""] {
            assert_eq!(Remote::of(folder), None, "{folder}");
        }
        let nested = Remote::of("https://gitlab.com/acme/team/shop.git").unwrap();
        assert_eq!((nested.path.as_str(), nested.repository()), ("acme/team/shop", None));
    }

    #[test]
    fn hosts_are_told_apart() {
        assert_eq!(sort("gitlab.acme.example"), Sort::Other("GitLab"));
        assert_eq!(sort("codeberg.org"), Sort::Other("Codeberg (Forgejo)"));
        assert_eq!(sort("git.acme.example"), Sort::Unknown);
        assert_eq!(sort("github.com"), Sort::GitHub);
        assert_eq!(api_of("github.com"), "https://api.github.com");
        assert_eq!(api_of("acme.ghe.com"), "https://api.acme.ghe.com");
        assert_eq!(api_of("git.acme.example"), "https://git.acme.example/api/v3");
    }
}
