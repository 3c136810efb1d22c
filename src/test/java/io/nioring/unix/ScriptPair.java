package io.nioring.unix;

import io.nioring.RingNetwork;
import io.nioring.SocketPair;
import io.nioring.socket.AncillaryData;
import io.nioring.socket.DescriptorRight;
import io.nioring.socket.MessageOption;
import io.nioring.socket.ReadinessBit;
import io.nioring.socket.ReceivedMessage;
import io.nioring.socket.RingSocket;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.stream.Collectors;

/** A connected pair that a script works on; each step's result is text that can be compared. */
@SuppressWarnings("UnusedVariable") // kept reachable while the pair lives
interface ScriptPair extends AutoCloseable {

  /** Sends from an end, with descriptors. */
  String send(int end, String text, int... fds) throws IOException;

  /** Receives at an end, with room for descriptors, or peeks. */
  String receive(int end, int size, int room, boolean peek) throws IOException;

  String shutInput(int end) throws IOException;

  String shutOutput(int end) throws IOException;

  String closeEnd(int end) throws IOException;

  String poll(int end);

  @Override
  void close() throws IOException;

  /**
   * What a receive gave, as text; closes the descriptors. Of a peek that filled its buffer the text
   * alone: the kernel then goes on without room through the messages that follow, and gives the
   * descriptors of one of which it gave no byte. Here rights never come without a byte of theirs.
   */
  private static String received(String text, List<Integer> fds, boolean truncated, boolean full) {
    String files =
        fds.stream()
            .map(
                fd -> {
                  String file = Kernel.fileOf(fd);
                  Kernel.close(fd);
                  return file;
                })
            .collect(Collectors.joining(","));
    return full ? text : "'" + text + "' [" + files + "]" + (truncated ? " truncated" : "");
  }

  /** The pair of the kernel's, through JNR-POSIX. */
  final class OfKernel implements ScriptPair {
    private final int[] fds = Kernel.socketPair();
    private final boolean[] closed = new boolean[2];

    @Override
    public String send(int end, String text, int... passed) {
      int count = Kernel.send(fds[end], text, passed);
      return count < 0 ? error(count) : Integer.toString(count);
    }

    @Override
    public String receive(int end, int size, int room, boolean peek) {
      Kernel.Received got = Kernel.receive(fds[end], size, 4 * room, peek);
      if (got.count() <= 0) {
        return got.count() == 0 ? "end" : error(got.count());
      }
      boolean full = peek && got.count() == size;
      return received(got.text(), got.fds(), got.truncated(), full);
    }

    private static String error(int negativeErrno) {
      return Kernel.POSIX.strerror(-negativeErrno);
    }

    @Override
    public String shutInput(int end) {
      Kernel.shutdown(fds[end], 0);
      return "shut";
    }

    @Override
    public String shutOutput(int end) {
      Kernel.shutdown(fds[end], 1);
      return "shut";
    }

    @Override
    public String closeEnd(int end) {
      closed[end] = true;
      Kernel.close(fds[end]);
      return "closed";
    }

    @Override
    public String poll(int end) {
      return ReadinessBit.setOf(Kernel.poll(fds[end])).toString();
    }

    @Override
    public void close() {
      for (int end = 0; end < 2; end++) {
        if (!closed[end]) {
          closeEnd(end);
        }
      }
    }
  }

  /** The pair on a ring. */
  final class OfRing implements ScriptPair {
    private final RingNetwork network;
    private final SocketChannel[] channels;

    OfRing(RingNetwork network) {
      this.network = network;
      SocketPair pair = network.socketPair();
      channels = new SocketChannel[] {pair.first(), pair.second()};
    }

    private RingSocket socket(int end) {
      return RingSocket.of(channels[end]);
    }

    @Override
    public String send(int end, String text, int... passed) throws IOException {
      AncillaryData.Builder data = AncillaryData.builder();
      for (int fd : passed) {
        data.descriptor(fd);
      }
      try {
        long count = socket(end).send(Pair.bytes(text), data.build(), MessageOption.DONT_WAIT);
        return count == 0 && !text.isEmpty()
            ? "Resource temporarily unavailable"
            : Long.toString(count);
      } catch (ClosedChannelException e) {
        return "Broken pipe"; // java.nio's word for an output that was shut by oneself
      } catch (IOException e) {
        return error(e);
      }
    }

    @Override
    public String receive(int end, int size, int room, boolean peek) throws IOException {
      ByteBuffer dst = ByteBuffer.allocate(size);
      MessageOption space = MessageOption.rightsRoom(room);
      ReceivedMessage got;
      try {
        got =
            peek
                ? socket(end).receive(dst, space, MessageOption.DONT_WAIT, MessageOption.PEEK)
                : socket(end).receive(dst, space, MessageOption.DONT_WAIT);
      } catch (SocketException e) {
        return error(e);
      }
      if (got.bytes() <= 0) {
        return got.isEnd() ? "end" : "Resource temporarily unavailable";
      }
      List<Integer> fds = got.ancillary().descriptors().stream().map(DescriptorRight::fd).toList();
      boolean full = peek && got.bytes() == size;
      return received(Pair.text(dst), fds, got.truncated(), full);
    }

    private static String error(IOException failure) {
      return failure.getMessage().equals("Connection reset")
          ? "Connection reset by peer"
          : failure.getMessage();
    }

    @Override
    public String shutInput(int end) throws IOException {
      channels[end].shutdownInput();
      return "shut";
    }

    @Override
    public String shutOutput(int end) throws IOException {
      channels[end].shutdownOutput();
      return "shut";
    }

    @Override
    public String closeEnd(int end) throws IOException {
      channels[end].close();
      return "closed";
    }

    @Override
    public String poll(int end) {
      return socket(end).readinessBits().toString();
    }

    @Override
    public void close() throws IOException {
      channels[0].close();
      channels[1].close();
    }
  }
}
