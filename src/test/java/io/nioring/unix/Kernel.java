package io.nioring.unix;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jnr.ffi.LibraryLoader;
import jnr.posix.CmsgHdr;
import jnr.posix.MsgHdr;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** The system calls of a test: JNR-POSIX where it has them, the C library directly elsewhere. */
@SuppressWarnings("VariableNameSameAsType") // as the library names it
final class Kernel {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PASSCRED = 16;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_PEEK = 0x2;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  static final POSIX POSIX = POSIXFactory.getPOSIX();
  private static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");

  /** What JNR-POSIX lacks. */
  public interface LibC {
    int shutdown(int fd, int how);

    int poll(ByteBuffer fds, long count, int timeoutMillis);

    int setsockopt(int fd, int level, int option, ByteBuffer value, int length);
  }

  /** What recvmsg gave. */
  record Received(int count, String text, List<Integer> fds, ByteBuffer credentials, int flags) {
    boolean truncated() {
      return (flags & MSG_CTRUNC) != 0;
    }
  }

  private Kernel() {}

  static int[] socketPair() {
    int[] fds = new int[2];
    check(POSIX.socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    return fds;
  }

  static int open(Path file) {
    return check(POSIX.open(file.toString(), 0, 0));
  }

  static void close(int fd) {
    check(POSIX.close(fd));
  }

  static void shutdown(int fd, int how) {
    check(LIBC.shutdown(fd, how));
  }

  static void passCredentials(int fd) {
    ByteBuffer on = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder()).putInt(0, 1);
    check(LIBC.setsockopt(fd, SOL_SOCKET, SO_PASSCRED, on, 4));
  }

  /** The poll bits of a socket. */
  static int poll(int fd) {
    ByteBuffer fds = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    fds.putInt(0, fd).putShort(4, (short) (0x1 | 0x4 | 0x2000));
    check(LIBC.poll(fds, 1, 0));
    return fds.getShort(6);
  }

  private static int check(int result) {
    if (result < 0) {
      throw new AssertionError(POSIX.strerror(POSIX.errno()));
    }
    return result;
  }

  /** Sends without waiting; a negative result is an errno. */
  static int send(int fd, String text, int... fds) {
    MsgHdr message = POSIX.allocateMsgHdr();
    message.setIov(new ByteBuffer[] {direct(text)});
    if (fds.length > 0) {
      CmsgHdr control = message.allocateControl(4 * fds.length);
      control.setLevel(SOL_SOCKET);
      control.setType(SCM_RIGHTS);
      ByteBuffer data = ByteBuffer.allocate(4 * fds.length).order(ByteOrder.nativeOrder());
      for (int each : fds) {
        data.putInt(each);
      }
      control.setData(data.flip());
    }
    int count = POSIX.sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return count < 0 ? -POSIX.errno() : count;
  }

  /** Receives without waiting; a negative count is an errno. */
  static Received receive(int fd, int size, int controlBytes, boolean peek) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(size);
    MsgHdr message = POSIX.allocateMsgHdr();
    message.setIov(new ByteBuffer[] {bytes});
    if (controlBytes > 0) {
      message.allocateControl(controlBytes);
    }
    int count = POSIX.recvmsg(fd, message, MSG_DONTWAIT | (peek ? MSG_PEEK : 0));
    if (count < 0) {
      return new Received(-POSIX.errno(), "", List.of(), null, 0);
    }
    List<Integer> fds = new ArrayList<>();
    ByteBuffer credentials = null;
    for (CmsgHdr control : controlBytes == 0 ? new CmsgHdr[0] : message.getControls()) {
      ByteBuffer data = control.getData().order(ByteOrder.nativeOrder());
      if (control.getType() == SCM_RIGHTS) {
        while (data.hasRemaining()) {
          fds.add(data.getInt());
        }
      } else {
        credentials = data;
      }
    }
    byte[] text = new byte[count];
    bytes.get(0, text);
    return new Received(
        count, new String(text, StandardCharsets.ISO_8859_1), fds, credentials, message.getFlags());
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocateDirect(Math.max(1, bytes.length)).put(bytes).flip();
  }

  /** The file that a descriptor stands for. */
  static String fileOf(int fd) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).getFileName().toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many descriptors of the process stand for a file in a directory. */
  static long openIn(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(link -> standsForFileIn(directory, link)).count();
    }
  }

  private static boolean standsForFileIn(Path directory, Path link) {
    try {
      return Files.readSymbolicLink(link).startsWith(directory);
    } catch (IOException e) {
      return false; // closed since it was listed
    }
  }
}
