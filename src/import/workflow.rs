//! The pipeline: `.github/workflows/deploy.yml`.

use std::collections::BTreeMap;

use super::{desk::Desk, draft::Draft, overlay, secrecy, shape::Kind};
use crate::workflow::{Deploy, Image, generate};

/// The workflow's text.
pub(super) fn file(desk: &Desk<'_>, drafts: &[Draft<'_>]) -> String {
    let mut images: Vec<Image> = drafts.iter().filter_map(image).collect();
    images.sort_by(|one, two| one.name.cmp(&two.name));
    images.dedup_by(|one, two| one.name == two.name);
    generate(&Deploy {
        images,
        overlays: "kubernetes/overlays".to_owned(),
        environments: overlay::ENVIRONMENTS.map(str::to_owned).to_vec(),
        on_push: "staging".to_owned(),
        namespace: desk.options.namespace.clone(),
        workloads: drafts
            .iter()
            .filter(|draft| !matches!(draft.kind, Kind::Job | Kind::Init))
            .map(|draft| format!("{}/{}", draft.kind.word().to_lowercase(), draft.name))
            .collect(),
    })
}

/// An image that is built here; one that nobody says how to build is not.
fn image(draft: &Draft<'_>) -> Option<Image> {
    let build = &draft.service.build.as_ref()?.value;
    let dockerfile = build.dockerfile.as_ref().map(|file| {
        let is_local = !build.context.contains("://");
        if is_local { joined(&build.context, file) } else { file.clone() }
    });
    // A secret's value is not written into a file of Git, nor into an image.
    let args = build.args.iter().map(|(name, value)| {
        let is_secret = |value: &&String| secrecy::is_secret_name(name) || secrecy::is_secret_text(value);
        (name.clone(), value.as_ref().filter(|value| !is_secret(value)).cloned())
    });
    Some(Image {
        name: draft.image.name.clone(),
        context: build.context.clone(),
        dockerfile,
        target: build.target.clone(),
        args: args.collect::<BTreeMap<_, _>>(),
        platforms: build.platforms.clone(),
    })
}

/// A file's path from the context's, without `.` in between.
fn joined(context: &str, file: &str) -> String {
    let context = context.trim_end_matches('/').trim_start_matches("./");
    let file = file.trim_start_matches("./");
    if context.is_empty() || context == "." || file.starts_with('/') {
        file.to_owned()
    } else {
        format!("{context}/{file}")
    }
}
