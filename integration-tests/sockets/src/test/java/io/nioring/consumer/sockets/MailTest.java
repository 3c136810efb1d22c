package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Wire;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** GreenMail's servers and Angus Mail, which sends by SMTP and reads by IMAP. */
class MailTest {
  private static final int MESSAGES = 10;
  private static final long STARTUP_MILLIS = 60_000;
  private static final String LARGE = "0123456789abcdef".repeat(30_000);

  @Test
  void messagesAreSentAndRead() throws Exception {
    mail("smtp", "imap");
  }

  @Test
  void messagesAreSentAndReadOverTls() throws Exception {
    mail("smtps", "imaps");
  }

  private static void mail(String sending, String reading) throws Exception {
    ServerSetup in = new ServerSetup(0, Loopback.HOST, sending);
    ServerSetup out = new ServerSetup(0, Loopback.HOST, reading);
    for (ServerSetup each : List.of(in, out)) {
      each.setServerStartupTimeout(STARTUP_MILLIS);
    }
    GreenMail server = new GreenMail(new ServerSetup[] {in, out});
    try (Wire wire = Wire.watch()) {
      server.start();
      server.setUser("reader@test", "reader", "password");
      Session session = session();
      int port = (reading.endsWith("s") ? server.getImaps() : server.getImap()).getPort();
      try (Transport transport = session.getTransport(sending);
          Store store = session.getStore(reading)) {
        transport.connect(
            Loopback.HOST,
            (sending.endsWith("s") ? server.getSmtps() : server.getSmtp()).getPort(),
            "reader",
            "password");
        store.connect(Loopback.HOST, port, "reader", "password");
        send(session, transport);
        read(store);
        wire.ringsCarried(2, 2L * LARGE.length());
      }
    } finally {
      server.stop();
    }
  }

  private static Session session() {
    Properties properties = new Properties();
    for (String protocol : new String[] {"smtp", "smtps", "imap", "imaps"}) {
      properties.setProperty("mail." + protocol + ".connectiontimeout", "30000");
      properties.setProperty("mail." + protocol + ".timeout", "60000");
      properties.setProperty("mail." + protocol + ".ssl.trust", "*");
      properties.setProperty("mail." + protocol + ".ssl.checkserveridentity", "false");
    }
    return Session.getInstance(properties);
  }

  private static void send(Session session, Transport transport) throws MessagingException {
    for (int i = 0; i < MESSAGES; i++) {
      MimeMessage message = new MimeMessage(session);
      message.setFrom(new InternetAddress("writer@test"));
      message.setRecipient(Message.RecipientType.TO, new InternetAddress("reader@test"));
      message.setSubject("no" + i);
      message.setText(i == 0 ? LARGE : "text" + i);
      message.saveChanges();
      transport.sendMessage(message, message.getAllRecipients());
    }
  }

  private static void read(Store store) throws Exception {
    Folder inbox = store.getFolder("INBOX");
    inbox.open(Folder.READ_ONLY);
    assertEquals(MESSAGES, inbox.getMessageCount());
    for (int i = 0; i < MESSAGES; i++) {
      Message message = inbox.getMessage(i + 1);
      assertEquals("no" + i, message.getSubject());
      assertEquals(i == 0 ? LARGE : "text" + i, message.getContent().toString().trim());
    }
    inbox.close();
  }
}
