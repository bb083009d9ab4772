//! The runs of helm that write: upgrade, rollback, uninstall. Each is let come to its end.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    time::Duration,
};

use super::{
    Hidden, Workplace, chart,
    words::{reason, remedy},
    workplace::{surroundings, unusable},
};
use crate::{diff::Problem, program::run_through};

/// More time than helm is told to take, before it is made to end.
const LENIENCE: Duration = Duration::from_mins(1);

/// An install or upgrade.
#[derive(Clone, Copy)]
pub struct Upgrade<'a> {
    /// The release's name.
    pub name: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// The chart's name and version, as its archive is kept under.
    pub stem: &'a str,
    /// SHA-256 of the archive.
    pub sha256: &'a str,
    /// The merged values, as JSON.
    pub values: &'a str,
    /// What no message may quote.
    pub hidden: &'a Hidden,
    /// What the history will say of it.
    pub description: &'a str,
}

impl Workplace {
    /// Installs or upgrades a release from an archive that was shown. Does not wait for its objects.
    ///
    /// # Errors
    /// [`Problem`] with helm's own words; the archive is not the one that was shown; or another helm of
    /// this run is at work.
    pub async fn upgrade(&self, upgrade: Upgrade<'_>, deadline: Duration) -> Result<(), Problem> {
        let archive = self.archive(upgrade.stem, upgrade.sha256);
        let (_, found) = chart::digest_of(&archive).map_err(|error| unusable(&archive, &error))?;
        if found != upgrade.sha256 {
            return Err(Problem::new(
                archive.display().to_string(),
                "it is not the archive that was shown",
                "look at the changes again, which fetches the chart anew",
            ));
        }
        let Upgrade { name, namespace, description, .. } = upgrade;
        let mut arguments = vec![OsStr::new("upgrade"), OsStr::new(name), archive.as_os_str()];
        arguments.extend(
            ["--install", "--reset-values", "--hide-notes", "--namespace", namespace].map(OsStr::new),
        );
        arguments.extend(["--description", description, "--values", "-"].map(OsStr::new));
        self.write(name, &arguments, Some(upgrade.values), deadline, upgrade.hidden).await
    }

    /// Takes a release back to a revision; `force`: fields of others that were shown are written over.
    ///
    /// # Errors
    /// As [`Workplace::upgrade`].
    pub async fn roll_back(
        &self,
        (name, namespace): (&str, &str),
        (to, force): (u32, bool),
        deadline: Duration,
        hidden: &Hidden,
    ) -> Result<(), Problem> {
        let number = to.to_string();
        let mut arguments = ["rollback", name, &number, "--namespace", namespace].map(OsStr::new).to_vec();
        if force && self.helm.generation >= 4 {
            arguments.push(OsStr::new("--force-conflicts"));
        }
        self.write(name, &arguments, None, deadline, hidden).await
    }

    /// Uninstalls a release with its history.
    ///
    /// # Errors
    /// As [`Workplace::upgrade`].
    pub async fn uninstall(
        &self,
        (name, namespace): (&str, &str),
        description: &str,
        deadline: Duration,
        hidden: &Hidden,
    ) -> Result<(), Problem> {
        let arguments = ["uninstall", name, "--namespace", namespace, "--description", description];
        self.write(name, &arguments.map(OsStr::new), None, deadline, hidden).await
    }

    async fn write(
        &self,
        name: &str,
        arguments: &[&OsStr],
        values: Option<&str>,
        deadline: Duration,
        hidden: &Hidden,
    ) -> Result<(), Problem> {
        let Some(held) = self.lock()? else {
            return Err(Problem::new(
                format!("release {name}"),
                "a helm that an earlier session has started is still at work",
                "wait for it to end, then resume or look at the changes again",
            ));
        };
        let limit = format!("{}s", deadline.as_secs().max(1));
        let mut arguments = arguments.to_vec();
        arguments.extend(["--timeout", &limit].map(OsStr::new));
        let (arguments, kubeconfig): (Vec<OsString>, _) = self.for_cluster(&arguments)?;
        let words = self.words_file();
        let said = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&words);
        let said = said.map_err(|error| unusable(&words, &error))?;
        let around = surroundings(kubeconfig.path());
        let input = values.map(|values| self.nameless(values)).transpose()?;
        let files = (input, held, said);
        let ended =
            run_through(&self.helm.program, &arguments, self.folder(), &around, files, deadline + LENIENCE)
                .await
                .map_err(|error| self.not_run(&error))?;
        if ended.success() {
            return Ok(());
        }
        let said = fs::read_to_string(&words).unwrap_or_default();
        let reason = reason(&said);
        Err(Problem::new(format!("release {name}"), hidden.in_text(&reason), remedy(&reason)))
    }
}

impl std::fmt::Debug for Upgrade<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upgrade").field("name", &self.name).finish_non_exhaustive()
    }
}
