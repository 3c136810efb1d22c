package io.nioring.hybrid;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * A program with a channel that nobody uses any more after the operation in which a thread waits.
 * Prints how many bytes that has read, or written.
 */
final class ReachabilityProgram {
  /** More than the kernel keeps for a peer that does not read. */
  static final int MANY_BYTES = 32 << 20;

  private static final int COLLECTIONS = 20;
  private static final long WAIT_SECONDS = 60;

  private ReachabilityProgram() {}

  /** Given {@code read} or {@code write}. */
  public static void main(String[] arguments) throws Exception {
    boolean reads = arguments[0].equals("read");
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      FutureTask<Integer> waiting =
          new FutureTask<>(() -> reads ? connectAndRead(address) : connectAndWrite(address));
      Thread thread = new Thread(waiting, "waiting");
      thread.setDaemon(true);
      thread.start();
      try (Socket peer = server.accept()) {
        for (int i = 0; i < COLLECTIONS && !waiting.isDone(); i++) {
          System.gc();
          TimeUnit.MILLISECONDS.sleep(20); // the housekeeping's chance to close what was collected
        }
        if (reads) {
          peer.getOutputStream().write(1);
        } else {
          peer.getInputStream().skipNBytes(MANY_BYTES);
        }
        System.out.println(waiting.get(WAIT_SECONDS, TimeUnit.SECONDS));
      }
    }
  }

  private static int connectAndRead(SocketAddress address) throws IOException {
    return SocketChannel.open(address).read(ByteBuffer.allocate(10));
  }

  private static int connectAndWrite(SocketAddress address) throws IOException {
    return SocketChannel.open(address).write(ByteBuffer.allocateDirect(MANY_BYTES));
  }
}
