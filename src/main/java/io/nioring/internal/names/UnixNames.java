package io.nioring.internal.names;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * The Unix half of a namespace: which paths are bound.
 *
 * <p>A name is a place in the file system: the directory that a path leads to through all symbolic
 * links, and the file name in it. No file is created for it, and the directory need not exist, in
 * which case the name is the absolute, normalized path. Names that are also bound in the kernel are
 * identified by their socket file instead, so that a path that was unlinked or replaced since does
 * not lead to them.
 */
final class UnixNames {
  /** The limit of the platform's channels, which leave one byte more unused than Linux requires. */
  private static final int MAX_PATH_BYTES = 106;

  /** How many symbolic links in a row are followed, as in the kernel (path_resolution(7)). */
  private static final int MOST_LINKS = 40;

  private final ConcurrentHashMap<Path, Binding> paths = new ConcurrentHashMap<>();

  /** The names that are also bound in the kernel, by the identity of the socket file. */
  private final ConcurrentHashMap<Object, Binding> files = new ConcurrentHashMap<>();

  private final Path temporaryDirectory;

  UnixNames(Path temporaryDirectory) {
    this.temporaryDirectory = temporaryDirectory;
  }

  /**
   * Takes a path.
   *
   * @throws BindException "Address already in use", also if a file exists there, as in the kernel
   * @throws SocketException if the path is longer than an address can be
   */
  Binding bind(UnixDomainSocketAddress address) throws SocketException {
    ensureFits(address);
    if (isUnnamed(address)) {
      throw new BindException("Server socket cannot bind to unnamed address");
    }
    UnixBinding added = new UnixBinding(this, address, placeOf(address.getPath()));
    boolean fileInTheWay = Files.exists(address.getPath(), LinkOption.NOFOLLOW_LINKS);
    if (fileInTheWay || !add(added)) {
      throw new BindException("Address already in use");
    }
    return added;
  }

  /** A map that has no memory to count an element has it nevertheless. */
  private boolean add(UnixBinding added) {
    boolean done = false;
    try {
      boolean free = paths.putIfAbsent(added.place(), added) == null;
      done = true;
      return free;
    } finally {
      if (!done) {
        release(added);
      }
    }
  }

  /** An unused path in the temporary directory, for {@code bind(null)}. */
  UnixDomainSocketAddress freshPath() {
    while (true) {
      int number = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
      UnixDomainSocketAddress fresh =
          UnixDomainSocketAddress.of(temporaryDirectory.resolve("socket_" + number));
      if (!paths.containsKey(placeOf(fresh.getPath()))) {
        return fresh;
      }
    }
  }

  /**
   * Finds the listener at a path.
   *
   * @return the listener, or {@code null} if the name is bound but has no listener, if there is a
   *     file, or if the name is empty
   * @throws SocketException "No such file or directory" if there is neither name nor file
   */
  Listener lookup(UnixDomainSocketAddress address) throws SocketException {
    ensureFits(address);
    if (isUnnamed(address)) {
      return null;
    }
    Binding binding = find(address.getPath());
    if (binding != null) {
      return binding.listener();
    } else if (Files.exists(address.getPath())) {
      return null; // some file without a listener
    }
    throw new SocketException("No such file or directory");
  }

  /**
   * The binding that a path leads to, possibly through symbolic links; null if there is none. The
   * place itself of a binding is found without a look at the file system, which costs more than all
   * the rest of a connect.
   */
  private Binding find(Path path) {
    Binding atPlace = paths.get(path);
    return atPlace != null ? atPlace : follow(path);
  }

  private Binding follow(Path path) {
    Path at = path;
    for (int links = 0; links <= MOST_LINKS; links++) {
      Binding binding = paths.get(placeOf(at));
      if (binding != null || !Files.isSymbolicLink(at)) {
        return binding;
      }
      try {
        at = at.resolveSibling(Files.readSymbolicLink(at));
      } catch (IOException e) {
        return null; // replaced meanwhile
      }
    }
    return null;
  }

  void release(UnixBinding binding) {
    paths.remove(binding.place(), binding);
  }

  /**
   * Takes a path whose socket file the kernel has just created: the name is the file, whichever
   * path leads to it.
   *
   * @return the binding; null on a file system without file identities
   * @throws IOException if the file no longer exists
   */
  Binding bindFile(UnixDomainSocketAddress address) throws IOException {
    Object file = fileKey(address.getPath());
    if (file == null) {
      return null;
    }
    FileBinding added = new FileBinding(this, address, file);
    boolean done = false;
    try {
      files.put(file, added); // an entry with this identity is stale: our file exists
      done = true;
    } finally {
      if (!done) {
        release(added); // as in add
      }
    }
    return added;
  }

  /**
   * The listener at the socket file that a path leads to now; null if there is none in this JVM.
   */
  Listener lookupFile(UnixDomainSocketAddress address) {
    if (files.isEmpty()) {
      return null;
    }
    try {
      Object file = fileKey(address.getPath());
      Binding binding = file == null ? null : files.get(file);
      return binding == null ? null : binding.listener();
    } catch (IOException e) {
      return null; // no such file, or not accessible: the kernel reports the reason
    }
  }

  private static Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  void release(FileBinding binding) {
    files.remove(binding.file(), binding);
  }

  private static void ensureFits(UnixDomainSocketAddress address) throws SocketException {
    if (address.getPath().toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new SocketException("Unix domain path too long");
    }
  }

  /** Whether an address is the empty path, the address of unnamed sockets. */
  private static boolean isUnnamed(UnixDomainSocketAddress address) {
    return address.getPath().toString().isEmpty();
  }

  /** The place that a path leads to: two paths with equal places are the same name. */
  static Path placeOf(Path path) {
    Path absolute = path.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      return absolute;
    }
    try {
      return folder.toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      return absolute.normalize(); // there is no such directory
    }
  }

  int listeners() {
    return (int)
        Stream.concat(paths.values().stream(), files.values().stream())
            .filter(each -> each.listener() != null)
            .count();
  }
}
