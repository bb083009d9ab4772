//! Steps that pin images: what their tags name is looked up, shown, written into the overlay's file and rendered.

use std::{collections::BTreeSet, path::Path};

use super::Executor;
use crate::{
    cluster::{Inventory, Prepared, keep_here},
    diff::{Change, FieldChange, FileView, Kind, PinnedView, Problem, Risk, RiskKind, Row, Wave},
    engine::{Outcome, RowInspection},
    pin::{Edit, ImageName, Pin, Used, applied, edits, used},
    plan::{Step, StepPath},
    registry::{Found, Listed},
    render::FILE_NAMES,
    repository,
    rollback::{Image, PinOrder, Record},
    scaffold::{Fingerprint, RelativePath},
};

/// A file of the plan's folder, as it is.
pub(super) struct Kept {
    pub(super) path: RelativePath,
    pub(super) text: String,
}

impl Executor {
    pub(super) async fn prepare_pin(
        &self,
        step: &Step,
        path: &Path,
        kind: Kind,
    ) -> Result<Prepared, Vec<Problem>> {
        let mut request = self.request(step, Vec::new(), Inventory::default());
        if kind == Kind::Prune {
            return Ok(request.nothing(kind));
        }
        let file = self.kustomization(path).await.map_err(|problem| vec![problem])?;
        let objects = self.images.rendered(path).await?;
        request.renderer = self.images.renderer().await.ok().map(ToString::to_string);
        let rendered = used(&objects);
        let listed = self.images.ask(by_tag(&rendered)).await;
        let mut problems: Vec<Problem> = listed.iter().filter_map(refused).collect();
        let found: Vec<(&ImageName, &Found)> =
            listed.iter().filter_map(|one| Some((&one.used.image, one.asked.as_ref().ok()?))).collect();
        let pins: Vec<Pin> = found.iter().map(|(image, found)| pin(image, found)).collect();
        let edits = edits(&file.text, &pins).unwrap_or_else(|reason| {
            let remedy = "mend the file, or pin its images by hand; nothing was changed";
            problems.push(Problem::new(file.path.as_str(), reason, remedy));
            Vec::new()
        });
        let pins = found.iter().map(|(image, found)| (image.to_string(), found.digest.clone())).collect();
        let (order, new) = self.order(&file, edits, pins);
        let views: Vec<PinnedView> =
            found.iter().map(|(image, found)| view(image, found, &rendered)).collect();
        let mut row = self.file_row(&order);
        if kind == Kind::Verify && order.is_only_shown {
            row.change = Change::Same;
        }
        row.fields = views.iter().filter_map(field).collect();
        let mut risks: Vec<Risk> = rehearsed(&order).into_iter().collect();
        risks.extend(rendered.iter().filter(|one| one.image.is_by_digest_alone()).map(|one| Risk {
            kind: RiskKind::Warning,
            key: None,
            message: format!("{} names no tag: it is pinned already, and stays as it is", one.image),
        }));
        let image = Image::of(&row);
        let mut prepared = request.propose(kind, vec![(row, image)], problems, risks, true);
        prepared.proposal.file = Some(FileView::of(order.path.as_str(), &file.text, &new, views));
        prepared.pin = Some(order);
        Ok(prepared)
    }

    /// The kustomization file of a folder of the plan.
    async fn kustomization(&self, folder: &Path) -> Result<Kept, Problem> {
        let folder = folder.to_string_lossy().trim_start_matches("./").trim_end_matches('/').to_owned();
        for name in FILE_NAMES {
            let path =
                if folder.is_empty() || folder == "." { name.to_owned() } else { format!("{folder}/{name}") };
            let path: RelativePath = path.parse().map_err(|error: crate::scaffold::PathError| {
                Problem::new(path.clone(), error.to_string(), "name the folder plainly in the plan")
            })?;
            if let Some(text) = self.text_of(&path).await? {
                return Ok(Kept { path, text });
            }
        }
        Err(Problem::new(
            folder,
            "there is no kustomization file in it",
            "correct the step's path in the plan",
        ))
    }

    pub(super) async fn text_of(&self, path: &RelativePath) -> Result<Option<String>, Problem> {
        let (root, path) = (self.plan.folder.clone(), path.clone());
        blocking(move || repository::text_of(&root, &path)).await?
    }

    /// What becomes of a file, and its text then.
    pub(super) fn order(
        &self,
        file: &Kept,
        edits: Vec<Edit>,
        pins: Vec<(String, String)>,
    ) -> (PinOrder, String) {
        let new = applied(&file.text, &edits).unwrap_or_else(|| file.text.clone());
        let order = PinOrder {
            path: file.path.clone(),
            before: Fingerprint::of(file.text.as_bytes()),
            after: Fingerprint::of(new.as_bytes()),
            edits,
            pins,
            is_only_shown: self.rehearses,
        };
        (order, new)
    }

    pub(super) fn file_row(&self, order: &PinOrder) -> Row {
        let change = if order.edits.is_empty() { Change::Same } else { Change::Change };
        Row { digest: self.digester.of(order), ..Row::new(order.key(), "", change, Wave::Files) }
    }

    pub(super) async fn preserve_pin(&self, record: &Record, order: &PinOrder) -> Result<Outcome, Problem> {
        let now = self.text_of(&order.path).await?.map(|text| Fingerprint::of(text.as_bytes()));
        if now.as_ref() != Some(&order.before) {
            return Ok(Outcome::Moved(format!("{} was edited since it was shown", order.path)));
        }
        let images: BTreeSet<ImageName> =
            order.pins.iter().map(|(image, _)| ImageName::parse(image)).collect();
        let digests = self.images.digests(&images).await;
        for (image, digest) in &order.pins {
            match digests.get(&ImageName::parse(image)) {
                Some(Ok(now)) if now == digest => {}
                Some(Ok(now)) => {
                    return Ok(Outcome::Moved(format!(
                        "{image} is {now} now, and was {digest} when it was shown"
                    )));
                }
                Some(Err(refusal)) => return Ok(Outcome::Moved(format!("{image}: {refusal}"))),
                None => return Ok(Outcome::Moved(format!("{image} was not asked about"))),
            }
        }
        let preserved = keep_here(record, &self.place()).await?;
        Ok(Outcome::Preserved { record: preserved.record, cannot_undo: preserved.cannot_undo })
    }

    pub(super) async fn execute_pin(&self, order: &PinOrder, row: usize) -> Result<Outcome, Problem> {
        // Of a file, the fingerprint says which one it is.
        let uid = Some(order.after.to_string());
        let done = |warnings| Outcome::RowDone { row, uid, created: false, warnings };
        if order.is_only_shown {
            return Ok(done(vec!["rehearsed: the file was left as it is".to_owned()]));
        }
        let done = done(Vec::new());
        let text = self.text_of(&order.path).await?.unwrap_or_default();
        let now = Fingerprint::of(text.as_bytes());
        if now == order.after {
            return Ok(done);
        }
        let new =
            applied(&text, &order.edits).filter(|_| now == order.before).ok_or_else(|| edited(order))?;
        let (root, path, before) = (self.plan.folder.clone(), order.path.clone(), order.before.clone());
        let is_written = blocking(move || repository::replace(&root, &path, &before, &new)).await??;
        if is_written { Ok(done) } else { Err(edited(order)) }
    }

    /// Does the overlay come to exactly these digests now that they are in its file?
    pub(super) async fn see_pinned(
        &self,
        path: &StepPath,
        kind: Kind,
        order: &PinOrder,
    ) -> Result<(), Vec<Problem>> {
        let crate::plan::Action::Pin { path: folder } = &self.step(path)?.action else { return Ok(()) };
        if kind != Kind::Apply || order.is_only_shown {
            return Ok(());
        }
        let rendered = used(&self.images.rendered(folder).await?);
        let is_meant = |image: &ImageName| {
            let tagged = image.by_tag().to_string();
            let meant = order.pins.iter().find(|(pinned, _)| same_tag(pinned, &tagged));
            meant.is_none_or(|(_, digest)| image.digest.as_ref() == Some(digest))
        };
        let wrong = rendered.iter().filter(|one| !one.image.is_by_digest_alone() && !is_meant(&one.image));
        let problems: Vec<Problem> = wrong
            .map(|one| {
                Problem::new(
                    one.image.to_string(),
                    format!("{} is written, and the overlay still renders it so for {}", order.path, one.by.join(", ")),
                    "something behind `images` sets it: a patch or a replacement; roll this back, and pin it there",
                )
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// What became of a file whose write nobody has noted.
    pub(super) async fn inspect_pin(&self, order: &PinOrder, rows: &[usize]) -> Result<Outcome, Problem> {
        let text = self.text_of(&order.path).await?.unwrap_or_default();
        let now = Fingerprint::of(text.as_bytes());
        let found = |row: &usize| {
            let row = *row;
            if now == order.after {
                RowInspection::Written { row, uid: Some(now.to_string()) }
            } else if now == order.before {
                RowInspection::NotWritten { row }
            } else {
                RowInspection::Foreign { row, problem: edited(order) }
            }
        };
        Ok(Outcome::Inspected(rows.iter().map(found).collect()))
    }
}

/// What is to be known of a file in a rehearsal.
pub(super) fn rehearsed(order: &PinOrder) -> Option<Risk> {
    (order.is_only_shown && !order.edits.is_empty()).then(|| Risk {
        kind: RiskKind::Warning,
        key: Some(order.key()),
        message: "a rehearsal: this would be written, and your file stays as it is".to_owned(),
    })
}

/// As [`ImageName::by_tag`] has them, with `latest` written out or not.
fn same_tag(one: &str, other: &str) -> bool {
    let (one, other) = (ImageName::parse(one), ImageName::parse(other));
    one.name == other.name && one.tag_or_latest() == other.tag_or_latest()
}

fn edited(order: &PinOrder) -> Problem {
    Problem::new(
        order.path.as_str(),
        "someone has edited it meanwhile",
        "see what stands in it; then look at the changes again, or roll back, which leaves what was edited",
    )
}

/// What tags name, each once; what a digest alone names is left out.
fn by_tag(rendered: &[Used]) -> Vec<Used> {
    let mut tagged: Vec<Used> = Vec::new();
    for one in rendered.iter().filter(|one| !one.image.is_by_digest_alone()) {
        let image = one.image.by_tag();
        match tagged.iter_mut().find(|known| known.image == image) {
            Some(known) => known.by.extend(one.by.iter().cloned()),
            None => tagged.push(Used { image, by: one.by.clone() }),
        }
    }
    tagged
}

fn pin(image: &ImageName, found: &Found) -> Pin {
    Pin { name: image.name.clone(), tag: image.tag_or_latest().to_owned(), digest: found.digest.clone() }
}

fn refused(listed: &Listed) -> Option<Problem> {
    let refusal = listed.asked.as_ref().err()?;
    let reason = format!("{} (used by {})", refusal.reason, listed.used.by.join(", "));
    Some(Problem::new(listed.used.image.to_string(), reason, refusal.remedy.clone()))
}

fn view(image: &ImageName, found: &Found, rendered: &[Used]) -> PinnedView {
    let pinned = rendered.iter().find(|one| one.image.digest.is_some() && one.image.by_tag() == *image);
    PinnedView {
        image: image.to_string(),
        former: pinned.and_then(|one| one.image.digest.clone()),
        digest: found.digest.clone(),
        platforms: found.platforms.iter().map(ToString::to_string).collect(),
        created: found.created,
        stand_in: found.stand_in,
    }
}

fn field(view: &PinnedView) -> Option<FieldChange> {
    let before =
        view.former.as_ref().map_or_else(|| view.image.clone(), |former| format!("{}@{former}", view.image));
    (view.former.as_ref() != Some(&view.digest)).then(|| FieldChange {
        path: format!("images[{}]", ImageName::parse(&view.image).name),
        before: Some(before.into()),
        after: Some(format!("{}@{}", view.image, view.digest).into()),
    })
}

/// Runs work that waits for the disk where that does not stop the screen.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::new("the plan's files", error.to_string(), "try again"))
}
