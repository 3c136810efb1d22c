package io.nioring.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this process has open at a moment, as {@code /proc} tells it: paths, and sockets with their
 * lines of the kernel's tables. Empty where there is no {@code /proc}.
 *
 * <p>The sockets of the JVM's attach listener are left out: it opens them in any JVM that another
 * process looks at, as {@code jcmd} and {@code jps} do.
 */
public final class OpenDescriptors {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final List<String> TABLES = List.of("tcp", "tcp6", "udp", "udp6", "unix");
  private static final String SOCKET = "socket:[";
  private static final Path TABLE_OF_UNIX = Path.of("/proc/self/net/unix");

  /** In which column of that table the inode is. */
  private static final int INODE_OF_UNIX = 6;

  private static final String ATTACH_LISTENER = "/.java_pid" + ProcessHandle.current().pid();

  private final List<String> targets;

  private OpenDescriptors(List<String> targets) {
    this.targets = targets;
  }

  /** Those that are open now. */
  public static OpenDescriptors now() throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return new OpenDescriptors(List.of());
    }
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      return new OpenDescriptors(open.map(OpenDescriptors::target).toList());
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "closed meanwhile";
    }
  }

  /** How many are open now; 0 on a system without {@code /proc}. */
  public static long count() throws IOException {
    if (!Files.isDirectory(DESCRIPTORS)) {
      return 0;
    }
    String[] names = DESCRIPTORS.toFile().list(); // cheaper than what each of them is
    if (names == null) {
      throw new IOException("cannot list " + DESCRIPTORS);
    }
    return names.length;
  }

  /** Whether as many are open now as were then. */
  public boolean areAsMany() throws IOException {
    return count() == targets.size();
  }

  /**
   * What is too much.
   *
   * @param before what was open before
   * @return empty if no more are open than before; else what was not open then
   */
  public List<String> moreThan(OpenDescriptors before) throws IOException {
    if (targets.size() <= before.targets.size()) {
      return List.of();
    }
    List<String> more = new ArrayList<>();
    Set<String> known = new HashSet<>(before.targets);
    for (String target : targets) {
      String described = known.contains(target) ? "" : describe(target);
      if (!described.isEmpty() && !described.contains(ATTACH_LISTENER)) {
        more.add(described);
      }
    }
    long gone = before.targets.stream().filter(each -> !targets.contains(each)).count();
    return more.size() > gone ? more : List.of();
  }

  /**
   * The targets of the descriptors by which the JVM serves tools that attach; usually none. Read
   * once for all descriptors of a listing: the kernel's tables of a busy machine are long.
   */
  public static Set<String> ofAttachListener() throws IOException {
    if (!Files.exists(Path.of("/tmp" + ATTACH_LISTENER))) {
      return Set.of();
    }
    return lines(TABLE_OF_UNIX).stream()
        .filter(line -> line.contains(ATTACH_LISTENER))
        .map(line -> SOCKET + line.strip().split("\\s+", -1)[INODE_OF_UNIX] + "]")
        .collect(Collectors.toSet());
  }

  /** A socket with its line in the kernel's tables; empty for one that was closed meanwhile. */
  private static String describe(String target) throws IOException {
    if (!target.startsWith(SOCKET)) {
      return target.equals("closed meanwhile") ? "" : target;
    }
    String inode = target.substring(SOCKET.length(), target.length() - 1);
    for (String table : TABLES) {
      for (String line : lines(Path.of("/proc/self/net", table))) {
        if (List.of(line.strip().split("\\s+", -1)).contains(inode)) {
          return target + " " + table + " " + line.strip();
        }
      }
    }
    return target + " in no table: neither bound nor connected";
  }

  private static List<String> lines(Path table) throws IOException {
    try (Stream<String> lines = Files.exists(table) ? Files.lines(table) : Stream.empty()) {
      return lines.collect(Collectors.toList());
    }
  }
}
