package io.nioring.socket;

import java.util.Objects;

/**
 * Who the process at one end of a connection is: what {@code SO_PEERCRED} and {@code
 * SCM_CREDENTIALS} carry (unix(7)), with the names of user and group.
 *
 * <p>Both ends of a ring are in one process, so by default this is the process's own identity. A
 * network can give channels a different one, for tests.
 *
 * @param pid the process id
 * @param uid the user id, or -1 where the system has none
 * @param gid the group id, or -1 where the system has none
 * @param userName the name of the user; the id in decimal where it has no name
 * @param groupName the name of the group; the id in decimal where it has no name
 */
public record PeerCredentials(long pid, long uid, long gid, String userName, String groupName) {

  /**
   * Makes a value.
   *
   * @param pid the process id
   * @param uid the user id, or -1
   * @param gid the group id, or -1
   * @param userName the name of the user
   * @param groupName the name of the group
   * @throws NullPointerException if a name is null
   */
  public PeerCredentials {
    Objects.requireNonNull(userName, "userName");
    Objects.requireNonNull(groupName, "groupName");
  }

  /**
   * Tells whether the ids are the same; the kernel compares nothing else.
   *
   * @param other other credentials
   * @return whether pid, uid and gid are equal
   */
  public boolean sameIds(PeerCredentials other) {
    return pid == other.pid && uid == other.uid && gid == other.gid;
  }
}
