import java.io.*;
import java.util.*;
import org.verapdf.core.*;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.*;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.*;

/** Reads file names from stdin, prints a line a finding: file, flavour, clause and test, message; exit 0 if there is none. */
public class Check {
    public static void main(String[] args) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        int bad = 0, seen = 0;
        for (String name; (name = in.readLine()) != null; ) {
            for (String flavourId : new String[] {"3a", "ua1"}) {
                PDFAFlavour flavour = PDFAFlavour.fromString(flavourId);
                seen++;
                try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(name), flavour)) {
                    PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
                    ValidationResult result = validator.validate(parser);
                    if (!result.isCompliant()) bad++;
                    Set<String> told = new TreeSet<>();
                    for (TestAssertion a : result.getTestAssertions())
                        if (a.getStatus() == TestAssertion.Status.FAILED)
                            told.add(a.getRuleId().getClause() + "-" + a.getRuleId().getTestNumber() + " " + a.getMessage());
                    for (String t : told) System.out.println(name + "\t" + flavourId + "\t" + t);
                }
            }
        }
        System.out.println("checked\t" + seen + "\t" + bad);
        System.exit(bad == 0 && seen > 0 ? 0 : 1);
    }
}
