package io.nioring.internal.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identity of the process from Linux's {@code /proc/self} (proc(5)).
 *
 * <p>The file {@code status} contains the effective ids of any process. The names are those of the
 * owner of the directory, which is root if the process gained privileges when it was started and so
 * is not "dumpable"; then a temporary file is used. A name is taken only from a file with the right
 * id.
 */
final class ProcIdentity implements IdentitySource {

  /** The real, effective, saved and file system id. */
  private static final Pattern IDS = Pattern.compile("([UG]id):\\s*\\d+\\s+(\\d+)\\s.*");

  private final Path directory;

  ProcIdentity() {
    this(Path.of("/proc/self"));
  }

  /** For tests: reads another directory. */
  ProcIdentity(Path directory) {
    this.directory = directory;
  }

  @Override
  public Optional<PosixIdentity> find() throws IOException {
    SpareDescriptors.ensure();
    // It contains the name of the program too, in an unknown encoding.
    List<String> status =
        Files.readAllLines(directory.resolve("status"), StandardCharsets.ISO_8859_1);
    return Optional.of(identity(effectiveId(status, "Uid"), effectiveId(status, "Gid")));
  }

  private static long effectiveId(List<String> status, String key) throws IOException {
    for (String line : status) {
      Matcher matcher = IDS.matcher(line);
      if (matcher.matches() && matcher.group(1).equals(key)) {
        return Long.parseLong(matcher.group(2));
      }
    }
    throw new IOException("no effective id in a line " + key);
  }

  private PosixIdentity identity(long uid, long gid) throws IOException {
    FileOwner owner = ownerWith(uid, gid);
    return new PosixIdentity(
        PosixIdentity.currentPid(),
        uid,
        gid,
        owner.uid() == uid ? owner.userName() : PosixIdentity.decimal(uid),
        owner.gid() == gid ? owner.groupName() : PosixIdentity.decimal(gid));
  }

  /** Returns an owner with these ids if one can be found. */
  private FileOwner ownerWith(long uid, long gid) throws IOException {
    FileOwner owner = FileOwner.of(directory);
    if (owner.uid() == uid && owner.gid() == gid) {
      return owner;
    }
    try {
      return FileOwner.ofTemporaryFile();
    } catch (IOException e) {
      return owner; // No writable directory: one of the two may still be right.
    }
  }
}
