//! An open folder; what is in it is reached through it, and no symbolic link is followed.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read, Write},
    os::{fd::OwnedFd, unix::ffi::OsStringExt},
    path::Path,
};

use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, RenameFlags, fchmod, flock, fsync,
        mkdirat, openat, renameat, renameat_with, statat, unlinkat,
    },
    io::Errno,
};

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

/// What has a name in a folder.
#[derive(Debug)]
pub(super) enum Entry {
    Nothing,
    File(Vec<u8>),
    /// What it is, in words.
    Other(&'static str),
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Folder {
    /// Opens a folder by its path; symbolic links in that are followed.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, FOLDER, Mode::empty())?))
    }

    /// Opens a folder in this one.
    pub(super) fn below(&self, name: &str) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// Makes a folder in this one; one that is there will do. Its name is not on the disk yet.
    pub(super) fn make(&self, name: &str) -> io::Result<Self> {
        match mkdirat(&self.0, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => self.below(name),
            Err(error) => Err(error.into()),
        }
    }

    /// What has this name; of a file not more than this many bytes.
    pub(super) fn read(&self, name: &str, most: u64) -> io::Result<Entry> {
        match self.sort(name)? {
            None => Ok(Entry::Nothing),
            Some(FileType::RegularFile) => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let file = File::from(openat(&self.0, name, flags, Mode::empty())?);
                if file.metadata()?.len() > most {
                    return Ok(Entry::Other("a very large file"));
                }
                let mut bytes = Vec::new();
                file.take(most).read_to_end(&mut bytes)?;
                Ok(Entry::File(bytes))
            }
            Some(FileType::Directory) => Ok(Entry::Other("a folder")),
            Some(FileType::Symlink) => Ok(Entry::Other("a symbolic link")),
            Some(_) => Ok(Entry::Other("no ordinary file")),
        }
    }

    /// Of which sort what has this name is.
    pub(super) fn sort(&self, name: &str) -> io::Result<Option<FileType>> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(FileType::from_raw_mode(found.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All names in it.
    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            names.push(OsString::from_vec(entry?.file_name().to_bytes().to_vec()));
        }
        Ok(names)
    }

    /// Writes a new file, with the mode of another one, if that is there. It is not on the disk yet.
    pub(super) fn write_new(&self, name: &str, bytes: &[u8], like: Option<&str>) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.0, name, flags, Mode::from_raw_mode(0o666))?);
        if let Some(like) = like
            && let Ok(other) = statat(&self.0, like, AtFlags::SYMLINK_NOFOLLOW)
        {
            fchmod(&file, Mode::from_raw_mode(other.st_mode & 0o777))?;
        }
        file.write_all(bytes)?;
        Ok(file)
    }

    /// Writes a file beside, then gives it its name: a crash leaves the old one or the new one. For its owner
    /// alone, where that is asked for.
    pub(super) fn replace(&self, name: &str, bytes: &[u8], is_private: bool) -> io::Result<()> {
        let beside = format!(".{name}.beside");
        self.remove(&beside)?;
        let written = self.write_new(&beside, bytes, Some(name)).and_then(|file| {
            if is_private {
                fchmod(&file, Mode::from_raw_mode(0o600))?;
            }
            file.sync_all()?;
            self.rename(&beside, name)
        });
        if written.is_err() {
            self.remove(&beside)?;
        }
        written.and_then(|()| self.sync())
    }

    /// Gives a file another name, over whatever had it.
    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Gives a file another name that nothing has.
    pub(super) fn rename_to_free(&self, from: &str, to: &str) -> io::Result<()> {
        match renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match self.sort(to)? {
                None => self.rename(from, to),
                Some(_) => Err(io::ErrorKind::AlreadyExists.into()),
            },
            other => Ok(other?),
        }
    }

    /// Takes a file away, if it is there.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes an empty folder away. Was it?
    pub(super) fn remove_empty(&self, name: &str) -> bool {
        unlinkat(&self.0, name, AtFlags::REMOVEDIR).is_ok()
    }

    /// Puts its names on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(fsync(&self.0)?)
    }

    /// Puts everything of its file system on the disk: quicker than many files one by one.
    pub(super) fn sync_all(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::fs::syncfs(&self.0)?;
        #[cfg(not(target_os = "linux"))]
        rustix::fs::sync();
        Ok(())
    }

    /// Keeps other processes out for as long as it is open. Is it free?
    pub(super) fn lock(&self) -> io::Result<bool> {
        match flock(&self.0, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
