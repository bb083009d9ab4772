//! The steps of week 1 that give the namespace what no file of the tree holds.

use super::{
    base::PULL_SECRET,
    desk::{ByHand, Desk},
    draft::Draft,
    image::inline_path,
    plan::{manual, plain},
    yaml::Map,
};

/// The build of an image; no argument's value is in it.
fn command(draft: &Draft<'_>, image: &str) -> String {
    let Some(build) = draft.service.build.as_ref().map(|build| &build.value) else {
        return format!("docker build -t {image} .");
    };
    let context = &build.context;
    let mut words = vec!["docker build".to_owned()];
    if build.inline_dockerfile.is_some() {
        words.push(format!("-f {}", inline_path(&draft.name)));
    } else if let Some(file) = &build.dockerfile {
        words.push(format!("-f {}/{file}", context.trim_end_matches('/')));
    }
    words.extend(build.target.iter().map(|target| format!("--target {target}")));
    if !build.platforms.is_empty() {
        words.push(format!("--platform {}", build.platforms.join(",")));
    }
    words.extend(build.args.keys().map(|name| format!("--build-arg {name}")));
    words.push(format!("-t {image} {context}"));
    words.join(" ")
}

/// The project's own images.
pub(super) fn images(drafts: &[Draft<'_>]) -> Option<Map> {
    let built = drafts.iter().filter_map(|draft| {
        let image = draft.version.as_ref().unwrap_or(&draft.image);
        let built = command(draft, &image.written());
        image.is_built.then(|| format!("`{built}`, then `docker push` of the same."))
    });
    let mut list: Vec<String> = built.map(|line| plain(&line)).collect();
    list.sort();
    list.dedup();
    if list.is_empty() {
        return None;
    }
    list.push("Write the version into `newTag` of kubernetes/overlays/${environment}/kustomization.yml; week 2 leaves that to the pipeline.".to_owned());
    Some(manual(
        "images",
        "Build and push the project's own images",
        "Without them no pod of theirs starts.",
        list,
        false,
    ))
}

/// What the kubelet logs in to the registry with.
pub(super) fn pull_secret(drafts: &[Draft<'_>]) -> Map {
    let registry =
        drafts.iter().find(|draft| draft.is_private).and_then(|draft| draft.image.name.split('/').next());
    let registry = plain(registry.unwrap_or("registry.example.com"));
    manual(
        "pull-secret",
        "Give the namespace a pull secret",
        &format!("The service accounts name it as {PULL_SECRET}. A token that may only pull is enough."),
        vec![
            format!("`kubectl -n ${{namespace}} create secret docker-registry {PULL_SECRET} --docker-server={registry} --docker-username=USER --docker-password=TOKEN`, with the token from the password manager."),
            "Note who owns the token and when it ends; an expired one shows up weeks later, at the next new node.".to_owned(),
        ],
        false,
    )
}

/// Whatever is not written into the repository.
pub(super) fn secrets(desk: &Desk<'_>) -> Map {
    let command = |(name, need): (&String, &ByHand)| {
        let kind = if need.is_config_map { "configmap" } else { "secret generic" };
        let of = |(key, from): (&String, &String)| format!("{key} ({from})");
        let keys: Vec<String> = need.keys.iter().map(of).collect();
        let told = if need.is_of_files {
            let files: Vec<String> = need.keys.keys().map(|key| format!("--from-file={key}=FILE")).collect();
            format!(
                "`kubectl -n NAMESPACE create {kind} {name} {}`, with {}.",
                files.join(" "),
                keys.join(", ")
            )
        } else {
            format!(
                "`kubectl -n NAMESPACE create {kind} {name} --from-env-file=FILE`, then delete FILE. It has {}.",
                keys.join(", ")
            )
        };
        plain(&told).replacen("NAMESPACE", "${namespace}", 1)
    };
    let list = desk.by_hand.iter().map(command).collect();
    manual(
        "secrets",
        "Create the secrets",
        "Values never enter this repository, nor a note. A pod waits for its Secret and says so.",
        list,
        false,
    )
}
