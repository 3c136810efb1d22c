package io.nioring.internal.platform;

import io.nioring.socket.PeerCredentials;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.Objects;
import jdk.net.UnixDomainPrincipal;

/**
 * The identity of a process as its peers see it, carried by {@code SO_PEERCRED} and {@code
 * SCM_CREDENTIALS} (unix(7)).
 *
 * <h2>Where the identity of this process comes from</h2>
 *
 * The first source that knows it answers:
 *
 * <ol>
 *   <li>{@code /proc/self} (Linux). It gives the effective ids exactly as the kernel would put them
 *       into {@code SO_PEERCRED}, and the JDK translates them to names. So no native library is
 *       needed on Linux, and this source comes first.
 *   <li>JNR-POSIX (macOS and other Unix systems), if present and permitted to load its native
 *       library without a warning: JDK 24 and later require {@code --enable-native-access} for
 *       that.
 *   <li>The owner and the group of a new temporary file. The owner is the effective user, but on
 *       some systems the group is that of the directory.
 *   <li>Only the user's name, from {@link ProcessHandle}, with unknown ids (Windows).
 * </ol>
 *
 * A source that does not apply to this system is skipped silently. One that applies but fails
 * because the system is short of a resource (descriptors, memory) ends the search: the next ones
 * would initialize native libraries and random generators, which a shortage at that moment leaves
 * broken for the lifetime of the JVM, and would know less. The identity is then unknown until it is
 * requested again.
 *
 * <p>Instances are immutable values, safe for use by multiple threads.
 *
 * @param pid the process id
 * @param uid the effective user id, 0 to 2<sup>32</sup>-2, or {@link #UNKNOWN_ID}
 * @param gid the effective group id, 0 to 2<sup>32</sup>-2, or {@link #UNKNOWN_ID}
 * @param userName the user's name; empty if unknown; where the system has none for the id, the id
 *     in decimal, as the JDK writes it
 * @param groupName the group's name; where the system has none for the id, the id in decimal, as
 *     the JDK writes it; empty where the id is unknown
 */
public record PosixIdentity(long pid, long uid, long gid, String userName, String groupName) {

  /** The id of an unknown user or group. */
  public static final long UNKNOWN_ID = -1;

  /**
   * Makes an identity.
   *
   * @throws NullPointerException if a name is null
   */
  public PosixIdentity {
    Objects.requireNonNull(userName, "userName");
    Objects.requireNonNull(groupName, "groupName");
  }

  /**
   * Returns the identity of this process. Once found it does not change, just as a peer's
   * credentials do not change once a connection is made. While the system is too short of resources
   * to find it, ids and names are unknown, and the next call tries again.
   *
   * @return the identity
   */
  public static PosixIdentity ofProcess() {
    return OfProcess.LOOKUP.get();
  }

  /** Defers the initialization of the sources to the first use. */
  private static final class OfProcess {
    static final IdentityLookup LOOKUP =
        new IdentityLookup(
            List.of(
                () -> new ProcIdentity().find(),
                // In a lambda, since without JNR-POSIX even the constructor does not link.
                () -> new NativeIdentity().find(),
                () -> new TemporaryFileIdentity().find()));
  }

  /** The identity when only the process id is known. */
  static PosixIdentity unknown() {
    return new PosixIdentity(currentPid(), UNKNOWN_ID, UNKNOWN_ID, "", "");
  }

  /** The identity without ids, with the name that the JDK knows. */
  static PosixIdentity ofProcessHandle() {
    String user = ProcessHandle.current().info().user().orElse("");
    return new PosixIdentity(currentPid(), UNKNOWN_ID, UNKNOWN_ID, user, "");
  }

  static long currentPid() {
    return ProcessHandle.current().pid();
  }

  /** Returns the JDK's name for a user or a group without a name: the id as a signed number. */
  static String decimal(long id) {
    return Integer.toString((int) id);
  }

  /**
   * Returns the user as a principal of the default file system, equal to the owner of the user's
   * files.
   *
   * @return the principal; one with only the name where the file system does not know it
   */
  public UserPrincipal user() {
    try {
      return lookupService().lookupPrincipalByName(userName);
    } catch (IOException | RuntimeException e) {
      return new NamedUser(userName);
    }
  }

  /**
   * Returns the group as a principal of the default file system, equal to that of files of the
   * group.
   *
   * @return the principal; one with only the name where the file system does not know it
   */
  public GroupPrincipal group() {
    try {
      return lookupService().lookupPrincipalByGroupName(groupName);
    } catch (IOException | RuntimeException e) {
      return new NamedGroup(groupName);
    }
  }

  /**
   * Returns user and group in the form of {@code jdk.net.ExtendedSocketOptions.SO_PEERCRED}.
   *
   * @return the pair of {@link #user} and {@link #group}
   */
  public UnixDomainPrincipal principal() {
    return new UnixDomainPrincipal(user(), group());
  }

  /**
   * Returns the identity as the credentials that a peer sees.
   *
   * @return the same values
   */
  public PeerCredentials credentials() {
    return new PeerCredentials(pid, uid, gid, userName, groupName);
  }

  /**
   * Returns the identity that credentials describe.
   *
   * @param credentials the credentials
   * @return the same values
   */
  public static PosixIdentity of(PeerCredentials credentials) {
    return new PosixIdentity(
        credentials.pid(),
        credentials.uid(),
        credentials.gid(),
        credentials.userName(),
        credentials.groupName());
  }

  private static UserPrincipalLookupService lookupService() {
    return FileSystems.getDefault().getUserPrincipalLookupService();
  }

  private record NamedUser(String name) implements UserPrincipal {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record NamedGroup(String name) implements GroupPrincipal {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
