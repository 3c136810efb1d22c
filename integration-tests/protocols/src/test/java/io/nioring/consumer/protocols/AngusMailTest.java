package io.nioring.consumer.protocols;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nioring.consumer.Loopback;
import io.nioring.consumer.Wire;
import jakarta.mail.Folder;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.event.MessageCountAdapter;
import jakarta.mail.event.MessageCountEvent;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.angus.mail.imap.IdleManager;
import org.junit.jupiter.api.Test;

/**
 * Angus Mail's {@code IdleManager}: it reads streams of channels' sockets, and between answers it
 * puts the same channels into non-blocking mode and into a selector, again and again.
 */
class AngusMailTest {
  private static final int STORES = 20;
  private static final int NEWS = 10;
  private static final byte[] HEAD = "Subject: large\r\n\r\n".getBytes(US_ASCII);

  /**
   * Lets the server tell a user of a message once the folder is watched: news that come with the
   * answer to IDLE lie in the client's buffer, where its selector does not see them.
   */
  private final Map<String, Semaphore> watched = new ConcurrentHashMap<>();

  @Test
  void idleFoldersAreWatchedByOneSelector() throws Exception {
    byte[] message = Arrays.copyOf(HEAD, 1_000_000);
    Arrays.fill(message, HEAD.length, message.length, (byte) 'x');
    ExecutorService threads = Executors.newCachedThreadPool();
    try (Wire wire = Wire.watch();
        ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(Loopback.address(), 0));
      threads.execute(() -> accept(server.socket(), message, threads));
      watch(server.socket().getLocalPort(), message, threads);
      wire.ringsCarried(STORES, (long) STORES * message.length);
    } finally {
      threads.shutdownNow();
      assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
    }
  }

  private void watch(int port, byte[] message, ExecutorService threads) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("mail.imap.usesocketchannels", "true");
    properties.setProperty("mail.imap.connectiontimeout", "30000");
    properties.setProperty("mail.imap.partialfetch", "false");
    Session session = Session.getInstance(properties);
    IdleManager idle = new IdleManager(session, threads);
    CountDownLatch news = new CountDownLatch(STORES * NEWS);
    List<Store> stores = new ArrayList<>();
    for (int i = 0; i < STORES; i++) {
      Store store = session.getStore("imap");
      stores.add(store);
      Semaphore isWatched = new Semaphore(0);
      watched.put("user" + i, isWatched);
      store.connect(Loopback.HOST, port, "user" + i, "password");
      Folder inbox = store.getFolder("INBOX");
      inbox.open(Folder.READ_ONLY);
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      inbox.getMessage(1).writeTo(read);
      assertArrayEquals(message, read.toByteArray());
      inbox.addMessageCountListener(
          new MessageCountAdapter() {
            @Override
            public void messagesAdded(MessageCountEvent event) {
              watch(idle, inbox, isWatched);
              news.countDown(); // after that: a folder is not closed between two watches
            }
          });
      watch(idle, inbox, isWatched);
    }
    assertTrue(news.await(60, TimeUnit.SECONDS), () -> news.getCount() + " missing");
    for (Store store : stores) {
      store.close(); // the manager takes the folder out of IDLE, and without it nobody would
    }
    idle.stop();
  }

  private static void watch(IdleManager idle, Folder folder, Semaphore isWatched) {
    try {
      idle.watch(folder);
      isWatched.release();
    } catch (MessagingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void accept(ServerSocket server, byte[] message, ExecutorService threads) {
    try {
      while (true) {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket, message));
      }
    } catch (IOException e) {
      return; // closed by the test
    }
  }

  /** As much of an IMAP server as the client asks for. */
  private void serve(Socket socket, byte[] message) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
      OutputStream out = socket.getOutputStream();
      send(out, "* OK [CAPABILITY IMAP4rev1 IDLE] ready");
      int messages = 1;
      String idleTag = null;
      Semaphore isWatched = null;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals("DONE")) {
          send(out, idleTag + " OK IDLE done");
          continue;
        }
        String[] words = line.split(" ");
        switch (words[1]) {
          case "LOGIN" -> isWatched = watched.get(words[2]);
          case "CAPABILITY" -> send(out, "* CAPABILITY IMAP4rev1 IDLE");
          case "LIST" -> send(out, "* LIST (\\HasNoChildren) \"/\" INBOX");
          case "EXAMINE" ->
              send(out, "* 1 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY 1] v", "* FLAGS ()");
          case "FETCH" -> {
            send(out, "* 1 FETCH (BODY[] {" + message.length + "}");
            out.write(message);
            send(out, ")");
          }
          case "IDLE" -> {
            idleTag = words[0];
            send(out, "+ idling");
            isWatched.acquire();
            if (messages <= NEWS) {
              messages++;
              send(out, "* " + messages + " EXISTS");
            }
            continue;
          }
          default -> {
            // CLOSE, LOGOUT, NOOP: nothing but the end
          }
        }
        send(out, words[0] + " OK " + words[1] + " done");
      }
    } catch (IOException | InterruptedException e) {
      return; // the test is over
    }
  }

  private static void send(OutputStream out, String... lines) throws IOException {
    out.write((String.join("\r\n", lines) + "\r\n").getBytes(US_ASCII));
  }
}
